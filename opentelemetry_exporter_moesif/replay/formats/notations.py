"""How servers and proxies write a line of their access log when nobody tells them otherwise, in nginx's notation."""

from __future__ import annotations

from opentelemetry_exporter_moesif.replay.formats.log_format import LogFormat

COMMON = '$remote_addr $ident $remote_user [$time_local] "$request" $status $body_bytes_sent'
COMBINED = f'{COMMON} "$http_referer" "$http_user_agent"'
# Apache's `vhost_combined`.
_VHOST_COMBINED = f"$vhost {COMBINED}"
# What nginx's packages call `main`; the address alone, since others write cookies there.
_MAIN = f'{COMBINED} "$http_x_forwarded_for"'
# https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/log-format/
_INGRESS_NGINX = (
    f"{COMBINED} $request_length $request_time [$proxy_upstream_name] [$proxy_alternative_upstream_name]"
    " $upstream_addr $upstream_response_length $upstream_response_time $upstream_status $request_id"
)
# https://doc.traefik.io/traefik/observability/access-logs/: the time is the request's.
_TRAEFIK = f'{COMBINED} $request_count "$router_name" "$service_url" ${{duration_ms}}ms'
# https://docs.haproxy.org/2.8/configuration.html#8.2.3; headers that it captured stand before the request.
_HAPROXY = (
    "$remote_addr [$start_time] $frontend $backend/$server $_/$_/$_/$_/$duration_ms $status $bytes_read $_ $_"
    ' $termination_state $_ $_ $_"$request"'
)
# https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
_API_GATEWAY = '$remote_addr $_ $_ [$requesttime]"$request" $status $responselength $request_id'
_API_GATEWAY_CSV = (
    "$remote_addr,$_,$_,$requesttime,$request_method,$resourcepath,$protocol,$status,$responselength,$request_id"
)
# Envoy's own default, and Istio's, with the names that their logs in JSON have for the same.
_ENVOY_SIZES = "$bytes_received $bytes_sent $duration $upstream_service_time"
_ENVOY_TEXTS = '"$x_forwarded_for" "$user_agent" "$request_id" "$authority" "$upstream_host"'
_ENVOY_BEGINS = '[$start_time] "$request" $response_code $response_flags'
_ENVOY = f"{_ENVOY_BEGINS} {_ENVOY_SIZES} {_ENVOY_TEXTS}"
_ISTIO = (
    f"{_ENVOY_BEGINS} $response_code_details $connection_termination_details"
    f' "$upstream_transport_failure_reason" {_ENVOY_SIZES} {_ENVOY_TEXTS}'
)
_AIOHTTP = '$remote_addr [$time_local] "$request" $status $_ "$http_referer" "$http_user_agent"'
_GRANIAN = '[$time_local] $remote_addr - "$request" $status $duration_ms'
# It tells no time: whatever the line was kept in may.
_UVICORN = 'INFO:     $remote_addr - "$request" $status'

# One that says more stands before one that it begins with; and what has to be an address in it.
_NOTATIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (_INGRESS_NGINX, ()),
    (_MAIN, ("http_x_forwarded_for",)),
    *((notation, ()) for notation in (COMBINED, COMMON, _VHOST_COMBINED)),
    *((notation, ()) for notation in (_ENVOY, _ISTIO, _HAPROXY, _API_GATEWAY, _API_GATEWAY_CSV)),
    *((notation, ("remote_addr",)) for notation in (_AIOHTTP, _GRANIAN, _UVICORN)),
)


def log_formats() -> list[LogFormat]:
    """The formats of lines, in the order in which they are asked first."""
    return [
        LogFormat(_TRAEFIK, rest=True, is_start=True),
        *(LogFormat(notation, rest=True, addresses=addresses) for notation, addresses in _NOTATIONS),
    ]
