from django.urls import path

from console.pages.queue import bulk, items, narrowing, quiet, reviews, rules, turns, undo, views

urlpatterns = [
    path("queue/", views.queue, name="queue"),
    path("queue/export.csv", narrowing.export, name="queue-export"),
    path("queue/views/", narrowing.views, name="queue-views"),
    path("queue/views/keep/", narrowing.keep, name="queue-view-keep"),
    path("queue/views/<uuid:pk>/forget/", narrowing.forget, name="queue-view-forget"),
    path("queue/bulk/", bulk.bulk, name="queue-bulk"),
    path("queue/activity/", views.activity, name="queue-activity"),
    path("queue/quiet/", quiet.approve, name="queue-quiet"),
    path("queue/reviews/<uuid:pk>/", reviews.review, name="queue-review"),
    path("queue/reviews/<uuid:pk>/shown/", reviews.shown, name="queue-review-shown"),
    path("queue/reviews/<uuid:pk>/decide/", reviews.decide, name="queue-review-decide"),
    path("queue/rules/", rules.rules, name="queue-rules"),
    path("queue/rules/<uuid:pk>/", rules.rule, name="queue-rule"),
    path("queue/rules/<uuid:pk>/approve/", rules.approve, name="queue-rule-approve"),
    path("queue/rules/<uuid:pk>/open/", rules.decide_rest, name="queue-rule-open"),
    path("queue/rules/<uuid:pk>/revoke/", rules.revoke, name="queue-rule-revoke"),
    path("queue/rules/<uuid:pk>/restore/", rules.restore, name="queue-rule-restore"),
    path("queue/decisions/<uuid:pk>/rule/", rules.new, name="queue-rule-new"),
    path("queue/decisions/<uuid:pk>/undo/", undo.undo, name="queue-undo"),
    path("queue/<uuid:pk>/", items.item, name="queue-item"),
    path("queue/<uuid:pk>/claim/", items.claim, name="queue-claim"),
    path("queue/<uuid:pk>/snooze/", turns.snooze, name="queue-snooze"),
    path("queue/<uuid:pk>/assign/", turns.assign, name="queue-assign"),
    path("queue/<uuid:pk>/note/", turns.note, name="queue-note"),
    path("queue/<uuid:pk>/decide/", items.decide, name="queue-decide"),
]
