#!/usr/bin/env python3
"""A shop's whole way in Python: synchronise, simulate, sell, download, cancel.

    pip install requests
    onix serve --sandbox --index onix-index
    python3 examples/shop.py http://127.0.0.1:8080 ONYX shop secret 9789999904216 epub 1299 watermark EUR FR 04

It knows nothing but the platform's pages.
"""

import sys
import uuid

import requests


def codes(answer):
    """What is wrong, in whatever shape it comes."""
    try:
        found = answer.json()
        return found if isinstance(found, list) else [str(found)]
    except ValueError:
        return answer.text.split()


def main(base, organisation, user, password, isbn, file_format, cost, protection, currency, country, price_type):
    platform = requests.Session()
    platform.auth = (user, password)
    api = f"{base}/api/organisations/{organisation}"

    def ask(method, path, expected, **parameters):
        answer = platform.request(method, api + path, params=parameters, timeout=60, allow_redirects=False)
        if answer.status_code not in expected:
            sys.exit(f"{method} {path}: {answer.status_code} {' '.join(codes(answer))}")
        return answer

    # 1.1 and 1.2: the lists, then each of them.
    lists = ask("POST", "/publications/lists", (200, 201), reset_at="20000101T000000Z", format="onix").json()
    products = sum(platform.get(url, timeout=60).text.count("<Product>") for url in lists)
    print(f"synchronised {products} products from {len(lists)} lists")

    # 2.1 and 2.2: what is asked is what is sold.
    sale = dict(zip(
        ("format", "cost", "protection", "currency", "country", "price_type"),
        (file_format, cost, protection, currency, country, price_type),
    ))
    print("simulated:", ask("GET", f"/publications/{isbn}/sales/new", (200,), **sale).text)
    customer, transaction = "customer-1", f"basket-{uuid.uuid4().hex[:12]}"
    who = {"customer_id": customer, "transaction_id": transaction}
    ask("POST", f"/publications/{isbn}/sales", (201,), **sale, **who, uname="Zoe Quidam", sale_state="test")
    print("sold in", transaction)

    # 2.4: a second one is taken back before anybody has downloaded it.
    other = {"customer_id": customer, "transaction_id": transaction + "-2"}
    ask("POST", f"/publications/{isbn}/sales", (201,), **sale, **other, uname="Zoe Quidam", sale_state="test")
    ask("POST", f"/publications/{isbn}/sales/cancel", (200,), **other, amount=cost, reason="bought twice")
    print("cancelled", other["transaction_id"])

    # 2.3 and 2.6: the link is good for a minute, and fetched at once.
    path = f"/customers/{customer}/transactions/{transaction}/publications/{isbn}"
    link = ask("GET", f"{path}/download_links/{file_format}", (200,), uname="Zoe Quidam").text.strip().strip('"')
    size = len(requests.get(link, timeout=60).content)
    print(f"downloaded {size} bytes")
    status = ask("GET", f"{path}/formats/{file_format}/status", (200,)).text
    print("fulfilled" if "complete" in status and "incomplete" not in status else "not fulfilled")


if __name__ == "__main__":
    if len(sys.argv) != 12:
        sys.exit(__doc__)
    main(*sys.argv[1:])
