"""Why a server did not give a file, in a few words."""

from collections.abc import Iterator


class SourceError(Exception):
    """One server does not give the file, or not the right one; another may."""


def reason(error: Exception) -> SourceError:
    """What lies behind an exception of the network: "HTTP 404", "name not found", "Connection refused"."""
    from requests import exceptions as r
    from urllib3.exceptions import NameResolutionError

    if isinstance(error, SourceError):
        return error
    if isinstance(error, r.HTTPError) and error.response is not None:
        return SourceError(f"HTTP {error.response.status_code}")
    if isinstance(error, r.TooManyRedirects):
        return SourceError("sent from one address to the next without end")
    chain = list(_causes(error))
    if any(isinstance(cause, NameResolutionError) for cause in chain):
        return SourceError("name not found")
    if any(isinstance(cause, r.Timeout | TimeoutError) for cause in chain):
        return SourceError("no answer")
    told = [cause.strerror for cause in chain if isinstance(cause, OSError) and cause.strerror]
    words = told[-1] if told else f"{type(error).__name__}: {error}"
    return SourceError(" ".join(words.split())[:100])


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """An exception and those that it came from, the outermost first."""
    seen: list[BaseException] = []
    while error is not None and error not in seen:
        seen.append(error)
        yield error
        inner = [part for part in (getattr(error, "reason", None), *error.args) if isinstance(part, BaseException)]
        error = next(iter(inner), None) or error.__cause__ or error.__context__
