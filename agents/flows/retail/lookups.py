"""Looking things up in the shop, and reckoning."""

import ast
import operator
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from agents.fleet.toolbox import Done
from agents.flows.models import Record
from agents.flows.retail.store import PRODUCT, USER, Store, refuse

Arguments = Mapping[str, Any]
ARITHMETIC: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def user_by_email(team_id: uuid.UUID, given: Arguments) -> Done:
    """The user's id."""
    return _id_of(Store(team_id).all(USER).filter(body__email__iexact=given["email"]).first())


def user_by_name(team_id: uuid.UUID, given: Arguments) -> Done:
    """The user's id; the postal code must be exact."""
    named = {"body__name__first_name__iexact": given["first_name"], "body__name__last_name__iexact": given["last_name"]}
    return _id_of(Store(team_id).all(USER).filter(**named, body__address__zip=given["zip"]).order_by("pk").first())


def order_details(team_id: uuid.UUID, given: Arguments) -> Done:
    return Done(Store(team_id).order(given["order_id"]))


def user_details(team_id: uuid.UUID, given: Arguments) -> Done:
    return Done(Store(team_id).user(given["user_id"]))


def product_details(team_id: uuid.UUID, given: Arguments) -> Done:
    return Done(Store(team_id).product(given["product_id"]))


def item_details(team_id: uuid.UUID, given: Arguments) -> Done:
    return Done(Store(team_id).item(given["item_id"]))


def product_types(team_id: uuid.UUID, given: Arguments) -> Done:
    """Each product's id by its name."""
    bodies = Store(team_id).all(PRODUCT).values_list("body__name", "key")
    return Done(dict(sorted(bodies)))


def calculate(team_id: uuid.UUID, given: Arguments) -> Done:
    """The value of a sum of numbers, to two places."""
    try:
        value = _value(ast.parse(given["expression"].strip(), mode="eval").body)
    except (SyntaxError, ValueError, ArithmeticError, RecursionError, MemoryError):
        raise refuse("Invalid characters in expression") from None
    return Done(str(round(value, 2)))


def _value(node: ast.expr) -> float:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return float(number)
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in ARITHMETIC:
            return ARITHMETIC[type(sign)](_value(left), _value(right))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand)
    raise ValueError("Only numbers, + - * / and brackets")


def _id_of(user: Record | None) -> Done:
    if user is None:
        raise refuse("User not found")
    return Done(user.key)
