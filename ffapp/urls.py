"""Every address of the site. The fixed ones must not change without a redirect."""

from django.contrib import admin
from django.urls import include, path

from accounts import views as accounts
from recommendations import feeds
from recommendations.api import api
from recommendations.views import (
    channels,
    communities,
    crew,
    demo,
    desk,
    downloads,
    editions,
    follow,
    health,
    me,
    media,
    members,
    nominations,
    people,
    posts,
    said,
    site,
)

handler400 = "recommendations.views.errors.bad_request"
handler403 = "recommendations.views.errors.forbidden"
handler404 = "recommendations.views.errors.not_found"
handler500 = "recommendations.views.errors.server_error"

community = [
    path("", communities.board, name="board"),
    path("join/", communities.join, name="join"),
    path("join/<str:code>/", communities.join, name="join_by_invitation"),
    path("leave/", communities.leave, name="leave"),
    path("nominate/", nominations.nominate, name="nominate"),
    path("nominations/<int:pk>/", nominations.edit, name="edit_nomination"),
    path("nominations/<int:pk>/withdraw/", nominations.withdraw, name="withdraw"),
    path("nominations/<int:pk>/vote/", nominations.vote, name="vote"),
    path("editions/", editions.archive, name="archive"),
    path("editions/<int:number>/", editions.edition, name="edition"),
    path("editions/<int:number>/following_accounts.csv", downloads.edition_csv, name="following_csv"),
    path("editions/<int:number>/people.json", downloads.edition_json, name="people_json"),
    path("editions/<int:number>/collection.json", downloads.edition_collection, name="people_collection"),
    path("crew/", crew.crew, name="crew"),
    path("crew/following_accounts.csv", downloads.crew_csv, name="crew_csv"),
    path("crew/people.json", downloads.crew_json, name="crew_json"),
    path("crew/collection.json", downloads.crew_collection, name="crew_collection"),
    path("editions/<int:number>/follow/", follow.choose, name="follow_edition"),
    path("crew/follow/", follow.choose, name="follow_crew"),
    path("feed.atom", feeds.community_atom, name="community_atom"),
    path("feed.json", feeds.community_json, name="community_json"),
    path("gathering.ics", feeds.gathering_ics, name="gathering_ics"),
]

desks = [
    path("", desk.desk, name="desk"),
    path("settings/", desk.settings, name="settings"),
    path("special/", desk.special, name="special"),
    path("members/", members.members, name="members"),
    path("members/<int:pk>/", members.change, name="change_member"),
    path("members/invite/", members.invite, name="invite"),
    path("channels/", channels.channels, name="channels"),
    path("channels/connected/<str:network>/", channels.connected, name="channel_connected"),
    path("channels/<int:pk>/<str:deed>/", channels.change, name="change_channel"),
    path("posts/<int:pk>/", posts.post, name="desk_post"),
    path("<str:week>/", desk.week, name="desk_week"),
    path("<str:week>/<str:deed>/", desk.do, name="desk_do"),
]

urlpatterns = [
    path("", site.home, name="home"),
    path("c/", communities.index, name="communities"),
    path("c/new/", communities.new, name="new_community"),
    path("c/<slug:slug>/", include(community)),
    path("p/<str:network>/<str:address>/", people.person, name="person"),
    path("me/", me.me, name="me"),
    path("me/said/", said.said, name="said"),
    path("me/said/<str:deed>/", said.do, name="said_do"),
    path("me/handles/", me.add_handle, name="add_handle"),
    path("me/handles/<int:pk>/", me.change_handle, name="change_handle"),
    path("me/tokens/", me.tokens, name="tokens"),
    path("me/tokens/<int:pk>/", me.remove_token, name="remove_token"),
    path("me/follows/<int:pk>/", follow.following, name="following"),
    path("me/follows/<int:pk>/<str:deed>/", follow.change, name="change_following"),
    path("desk/<slug:slug>/", include(desks)),
    path("feed.atom", feeds.site_atom, name="site_atom"),
    path("feed.json", feeds.site_json, name="site_json"),
    path("media/<path:name>", media.media, name="media"),
    path("demo/enter/", demo.enter, name="demo_enter"),
    path("me/handles/<int:pk>/sign-in/", accounts.prove_by_signing_in, name="prove_by_signing_in"),
    path("accounts/login/", accounts.Entrance.as_view(), name="account_login"),
    path("accounts/login/with/<str:network>/", accounts.sign_in, name="sign_in_with"),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("accounts/sessions/", include("allauth.usersessions.urls")),
    path("oauth/bluesky/client-metadata.json", accounts.bluesky_client, name="bluesky_client"),
    path("oauth/<str:network>/", accounts.answer, name="oauth_answer"),
    path("oauth/<str:network>/<str:home>/", accounts.answer, name="oauth_answer"),
    path("api/v1/", api.urls),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("admin/", admin.site.urls),
]
