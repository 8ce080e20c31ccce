"""allauth's addresses without those that make, change or reset a password: this site has none."""

from allauth.account.urls import urlpatterns as allauth_patterns

urlpatterns = [each for each in allauth_patterns if "password" not in str(each.pattern)]
