"""Wake-up calls."""

from celery import shared_task

from agents.channels import actions


@shared_task(name="channels.hear")  # type: ignore[untyped-decorator]
def hear() -> None:
    actions.hear()
