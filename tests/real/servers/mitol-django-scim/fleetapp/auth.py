import hmac, os


class _Service:
    is_authenticated = is_active = is_staff = True
    is_anonymous = False


class _Anon:
    is_authenticated = is_active = is_staff = False
    is_anonymous = True


class BearerMiddleware:
    def __init__(self, get_response):
        self.get_response, self.want = get_response, "Bearer " + os.environ.get("TOKEN", "secret-token")

    def __call__(self, request):
        ok = hmac.compare_digest(request.headers.get("Authorization", "").encode(), self.want.encode())
        request.user = _Service() if ok else _Anon()
        return self.get_response(request)
