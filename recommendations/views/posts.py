"""A post in trouble: what is known, what to look at, and what a curator says of it."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from recommendations import tasks
from recommendations.actions import Refused
from recommendations.actions.decide import decide
from recommendations.forms import DecideForm
from recommendations.models import Membership, Post
from recommendations.models.state import IllegalMove, Overtaken
from recommendations.views.access import curators_only


@require_http_methods(["GET", "POST"])
@curators_only
def post(request: HttpRequest, curator: Membership, pk: int) -> HttpResponse:
    """Everything about one post; a decision, where one is needed."""
    shown = get_object_or_404(
        Post.objects.select_related("delivery__channel", "delivery__edition__community", "target"),
        pk=pk,
        delivery__channel__community=curator.community,
    )
    form = DecideForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            decide(
                post=shown,
                by=curator,
                choice=form.cleaned_data["choice"],
                address=form.cleaned_data["address"],
                text=form.cleaned_data["text"],
                late_at=timezone.now() + settings.FF_LATE_AFTER,
            )
        except Refused as refusal:
            form.refuse(refusal)
        except (IllegalMove, Overtaken):
            form.refuse(Refused(_("Somebody else, or the server itself, was quicker. This is how it stands now.")))
            shown.refresh_from_db()
        else:
            _nudge(shown)
            messages.success(request, SAID[form.cleaned_data["choice"]])
            return redirect("desk_week", slug=curator.community.slug, week=shown.delivery.edition.week)
    context = {
        "community": curator.community,
        "curator": curator,
        "post": shown,
        "edition": shown.delivery.edition,
        "channel": shown.delivery.channel,
        "attempts": shown.attempts.all(),
        "parts": len(shown.delivery.thread),
        "form": form,
    }
    return render(request, "desk/post.html", context, status=422 if form.errors else 200)


def _nudge(post: Post) -> None:
    """Let the part go out at once; of one that was skipped, what follows it."""
    following = Post.objects.filter(delivery=post.delivery_id, state=Post.State.PENDING, step__gt=post.step)
    pk = post.pk if post.state == Post.State.PENDING else following.values_list("pk", flat=True).first()
    if pk is not None:
        tasks.nudge(tasks.post_one, pk)


SAID = {
    "adopt": gettext_lazy("Good: we know now where it stands, and go on from there."),
    "send": gettext_lazy("It is sent, and what waits behind it follows."),
    "edit": gettext_lazy("Your text is sent, and the rest of the thread follows."),
    "skip": gettext_lazy("Skipped. The rest of the thread goes on without it."),
    "replace": gettext_lazy("The part is deleted, and the rest of the thread is posted again without mentions."),
    "give_up": gettext_lazy("It is not sent. What comes after it in its thread waits."),
}
