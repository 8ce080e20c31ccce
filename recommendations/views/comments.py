"""Speak your mind: what members say of an edition that is out."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from recommendations.actions import Refused
from recommendations.actions import comment as commenting
from recommendations.double_submit import once_key
from recommendations.forms import RefusingForm
from recommendations.models import Comment, Edition, Membership
from recommendations.models.comment import EDIT_FOR, TEXT_MAX
from recommendations.views.access import MemberRequest, edition_or_404, patient, to_sign_in
from recommendations.views.access import number as number_of

PER_PAGE = 20  # threads


class CommentForm(RefusingForm):
    """A member's words."""

    text = forms.CharField(
        label=gettext_lazy("Your comment"),
        required=False,  # what is missing, or too much, the verb says
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": TEXT_MAX, "dir": "auto"}),
        help_text=gettext_lazy("Markdown works. It is shown with your name."),
    )


@require_http_methods(["GET", "POST"])
def comments(request: HttpRequest, slug: str, number: int) -> HttpResponseBase:
    """All of what was said about an edition, page by page; POST says something more, or answers (`answer_to`).

    htmx gets the comments alone, everybody else is led to what they said.
    """
    edition = edition_or_404(slug, number)
    if request.method == "GET":
        return _page(request, edition)
    if not request.user.is_authenticated:
        return to_sign_in(request, edition.get_absolute_url())
    answered = _answered(request, edition)
    form = CommentForm(request.POST)
    said = None
    if form.is_valid():
        try:
            said = commenting.comment(
                by=request.user,
                edition=edition,
                text=form.cleaned_data["text"],
                answer_to=answered,
                once=once_key(request),
            )
        except Refused as refusal:
            form.refuse(refusal)
    if said is None or getattr(request, "htmx", False):
        return _page(request, edition, form=None if said else form, answered=answered, said=said is not None)
    return redirect(said.get_absolute_url() if answered else f"{edition.get_absolute_url()}#comment-{said.pk}")


@login_required
@require_http_methods(["GET", "POST"])
def comment(request: MemberRequest, slug: str, number: int, pk: int) -> HttpResponse:
    """One's own comment: say it better (`edit`), or take it back (`delete`)."""
    rows = Comment.objects.select_related("edition__community").filter(author=request.user, deleted_at=None)
    found = get_object_or_404(rows, pk=pk, edition__number=number, edition__community__slug=slug)
    form = CommentForm(request.POST or None, initial={"text": found.text})
    try:
        if request.POST.get("deed") == "delete":
            commenting.delete(by=request.user, comment=found)
            messages.success(request, _("It is gone."))
            return redirect(f"{found.edition.get_absolute_url()}#comments")
        if request.method == "POST" and form.is_valid():
            commenting.edit(by=request.user, comment=found, text=form.cleaned_data["text"])
            messages.success(request, _("Kept."))
            return redirect(found.get_absolute_url())
    except Refused as refusal:
        form.refuse(refusal)
    context = {
        "community": found.edition.community,
        "edition": found.edition,
        "comment": found,
        "form": form,
        "editable": found.may_be_edited(timezone.now()) or form.is_bound,
    }
    return patient(render(request, "editions/comment.html", context, status=422 if form.errors else 200), form)


def speaking(edition: Edition, membership: Membership | None, at: datetime) -> dict[str, Any]:
    """What a page needs to show the newest comments beneath an edition, in two queries."""
    threads = list(edition.comments.threads().whole()[: PER_PAGE + 1])
    shown = {"threads": threads[:PER_PAGE], "more_threads": len(threads) > PER_PAGE}
    return shown | _floor(edition, membership, at)


def _floor(edition: Edition, membership: Membership | None, at: datetime) -> dict[str, Any]:
    """Who may say something now."""
    is_open = commenting.takes_comments(edition, at)
    suspended_until = membership.reads_only_until(at) if membership else None
    return {
        "open_for_comments": is_open,
        "suspended_until": suspended_until,
        "may_comment": is_open and membership is not None and membership.is_active and not suspended_until,
        "comment_form": CommentForm(),
        "editable_since": at - EDIT_FOR,
    }


def _page(
    request: HttpRequest,
    edition: Edition,
    *,
    form: CommentForm | None = None,
    answered: Comment | None = None,
    said: bool = False,
) -> HttpResponse:
    membership = edition.community.membership_of(request.user)
    pages = Paginator(edition.comments.threads().whole(), PER_PAGE)
    page = pages.get_page(_page_number(request, edition))
    context = _floor(edition, membership, timezone.now()) | {
        "community": edition.community,
        "edition": edition,
        "membership": membership,
        "page": page,
        "threads": page.object_list,
        "said": said,
    }
    if form is not None:  # it was refused, and what was typed is shown where it was typed, if there still is a place
        in_place = context["may_comment"] and any(thread == answered for thread in page)
        context |= {"answering": answered, "answer_form": form} if in_place else {"comment_form": form}
    template = "editions/comments.html" if getattr(request, "htmx", False) else "editions/all_comments.html"
    response = render(request, template, context, status=422 if form else 200)
    return patient(response, form) if form else response


def _page_number(request: HttpRequest, edition: Edition) -> str | int:
    """The page asked for, or the one that a comment stands on (`at`)."""
    named = number_of(request.GET.get("at", ""))
    at = edition.comments.filter(pk=named).select_related("answer_to").first() if named else None
    if at is None:
        return request.POST.get("page") or request.GET.get("page", "1")
    first = at.answer_to or at
    newer = edition.comments.threads().filter(created_at__gt=first.created_at).count()
    return 1 + newer // PER_PAGE


def _answered(request: HttpRequest, edition: Edition) -> Comment | None:
    """What a form answers. Raises Http404 when that is nothing of this edition's."""
    named = request.POST.get("answer_to")
    if not named:
        return None
    return get_object_or_404(edition.comments, pk=number_of(named))
