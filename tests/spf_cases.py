"""Cases of SPF: who asks about whom over one set of zones, and what RFC 7208 says of it."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["BROKEN", "CASES", "ZONES", "Case"]


def _many(n: int, text: str) -> str:
    return "\n".join(text.format(i=i) for i in range(1, n + 1))


ZONES = {
    "example.com": f"""\
@        TXT "v=spf1 a mx -all"
@        A   192.0.2.10
@        MX  10 mx1
@        MX  20 mx2
mx1      A   192.0.2.20
mx1      AAAA 2001:db8::20
mx2      A   192.0.2.21
www      A   192.0.2.30
none     TXT "not about SPF"
nodata   A   192.0.2.1
case     TXT "V=SpF1 IP4:192.0.2.1 -ALL"
split    TXT "v=spf1 ip4:192." "0.2.1 -all"
two      TXT "v=spf1 -all"
two      TXT "v=spf1 +all"
spf10    TXT "v=spf10 -all"
empty    TXT "v=spf1"
spaces   TXT "v=spf1   ip4:192.0.2.1    ~all  "
plus     TXT "v=spf1 +all"
neutral  TXT "v=spf1 ?all"
soft     TXT "v=spf1 ~all"
net      TXT "v=spf1 ip4:192.0.2.0/25 -all"
net0     TXT "v=spf1 ip4:0.0.0.0/0 -all"
host     TXT "v=spf1 ip4:192.0.2.9/24 -all"
v6       TXT "v=spf1 ip6:2001:db8::/32 -all"
v6one    TXT "v=spf1 ip6:2001:db8::1 -all"
acidr    TXT "v=spf1 a:www.example.com/24 -all"
adual    TXT "v=spf1 a:mx1.example.com/24//64 -all"
a6only   TXT "v=spf1 a:mx1.example.com//64 -all"
amacro   TXT "v=spf1 a:%{{l}}.example.com -all"
mxcidr   TXT "v=spf1 mx:example.com/28 -all"
nomx     TXT "v=spf1 mx:www.example.com ~all"
ten      TXT "v=spf1 mx:manymx.example.com -all"
eleven   TXT "v=spf1 mx:toomany.example.com -all"
{_many(10, "manymx MX {i} mx2")}
{_many(11, "toomany MX {i} h{i}")}
{_many(12, "h{i} A 198.51.100.{i}")}
inc      TXT "v=spf1 include:net.example.com -all"
incsoft  TXT "v=spf1 include:soft.example.com ip4:192.0.2.1 -all"
incnone  TXT "v=spf1 include:none.example.com +all"
incperm  TXT "v=spf1 include:bad.example.com +all"
incself  TXT "v=spf1 include:incself.example.com -all"
redir    TXT "v=spf1 redirect=net.example.com"
rednone  TXT "v=spf1 redirect=none.example.com"
redall   TXT "v=spf1 ?all redirect=net.example.com"
redfirst TXT "v=spf1 redirect=net.example.com ip4:192.0.2.200"
redtwo   TXT "v=spf1 redirect=net.example.com redirect=soft.example.com"
unknown  TXT "v=spf1 moo.cow-far_out=man:dog/cat ip4:192.0.2.1 -all"
bad      TXT "v=spf1 ip4:192.0.2.1 moo -all"
late     TXT "v=spf1 ip4:192.0.2.1 ip4:192.0.2.300 -all"
nobits   TXT "v=spf1 ip4:192.0.2.1/33 -all"
zero     TXT "v=spf1 ip4:192.0.2.1/032 -all"
noinc    TXT "v=spf1 include -all"
noexists TXT "v=spf1 exists -all"
allarg   TXT "v=spf1 all:example.com"
badqual  TXT "v=spf1 !all"
badmacro TXT "v=spf1 a:%{{x}}.example.com -all"
percent  TXT "v=spf1 a:%example.com -all"
noten    TXT "v=spf1 a:example.com:8080 -all"
nodot    TXT "v=spf1 a:museum -all"
dotted   TXT "v=spf1 a:www.example.com. -all"
v6in4    TXT "v=spf1 ip6:::ffff:192.0.2.1 -all"
bad6     TXT "v=spf1 ip6:2001:db8:ZZZZ:: -all"
exists   TXT "v=spf1 exists:%{{ir}}.%{{v}}._spf.example.com -all"
1.2.0.192.in-addr._spf A 127.0.0.2
parts    TXT "v=spf1 exists:%{{l1r-}}.parts.example.com -all"
b.parts  A   127.0.0.2
s        TXT "v=spf1 exists:%{{s}}.s.example.com -all"
*.s      A   127.0.0.2
helo     TXT "v=spf1 exists:%{{h}}.h.example.com -all"
mail.example.org.h A 127.0.0.2
upper    TXT "v=spf1 exists:%{{L}}.u.example.com -all"
a%2Bb.u  A   127.0.0.2
d2       TXT "v=spf1 exists:%{{d2}}.deep.example.com -all"
example.com.deep A 127.0.0.2
ptr      TXT "v=spf1 ptr -all"
ptrarg   TXT "v=spf1 ptr:example.org ~all"
p        TXT "v=spf1 exists:%{{p}}.p.example.com -all"
mail.example.org.p A 127.0.0.2
ten1     TXT "v=spf1 {" ".join(f"a:h{i}.example.com" for i in range(1, 11))} ip4:192.0.2.1 -all"
ten2     TXT "v=spf1 {" ".join(f"a:h{i}.example.com" for i in range(1, 12))} ip4:192.0.2.1 -all"
deep1    TXT "v=spf1 include:ten1.example.com ip4:192.0.2.1 -all"
void2    TXT "v=spf1 a:x1.example.com mx:x2.example.com ip4:192.0.2.1 -all"
void3    TXT "v=spf1 a:x1.example.com mx:x2.example.com exists:x3.example.com ip4:192.0.2.1 -all"
voidinc  TXT "v=spf1 include:x1.example.com -all"
exp      TXT "v=spf1 -all exp=why.example.com"
why      TXT "%{{i}} is not one of %{{d}}'s: see http://%{{h}}/%{{S}}%_now"
exptwo   TXT "v=spf1 -all exp=two.example.com"
expbad   TXT "v=spf1 -all exp=badwhy.example.com"
badwhy   TXT "%{{x}}"
expinc   TXT "v=spf1 include:exp.example.com -all"
expred   TXT "v=spf1 redirect=exp.example.com"
alias    CNAME net
ten3     TXT "v=spf1 {" ".join(f"a:h{i}.example.com" for i in range(1, 11))} ip4:192.0.2.1 \
redirect=net.example.com"
twice    TXT "v=spf1 moo=1 moo=2 -all"
cow      TXT "v=spf1 cow=%{{ -all"
letter   TXT "v=spf1 exists:%{{c}}.example.com -all"
long     TXT "v=spf1 exists:%{{l}}.%{{l}}.%{{l}}.%{{l}}.long.example.com -all"
{".".join(["x" * 60] * 3)}.long A 127.0.0.2
""",
    "example.org": """\
@        TXT "v=spf1 ip4:192.0.2.1 -all"
mail     A   192.0.2.1
mail     AAAA 2001:db8::1
""",
    "2.0.192.in-addr.arpa": """\
1        PTR mail.example.org.
1        PTR lies.example.org.
5        PTR mail.example.org.
""",
    "8.b.d.0.1.0.0.2.ip6.arpa": """\
1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0 PTR mail.example.org.
""",
    "broken.example": "@ A 192.0.2.1\n",
    "113.0.203.in-addr.arpa": "1 PTR mail.example.org.\n",
}
"""Zone-file text."""

BROKEN = ("broken.example", "113.0.203.in-addr.arpa")
"""Zones whose servers answer with SERVFAIL."""


class Case(NamedTuple):
    """One case.

    Attributes
    ----------
    domain : str
        A name below example.com, or a whole one with a final dot.
    result : str
    address, local, helo : str
    explanation : str
    differs : str
        Why pyspf says something else; empty if it does not.
    """

    domain: str
    result: str
    address: str = "192.0.2.1"
    local: str = "bob"
    helo: str = "mail.example.org"
    explanation: str = ""
    differs: str = ""


_V6 = "2001:db8::1"
CASES = (
    Case("example.com.", "fail"),
    Case("example.com.", "pass", "192.0.2.10"),
    Case("example.com.", "pass", "192.0.2.21"),
    Case("example.com.", "pass", "2001:db8::20"),
    Case("example.com.", "fail", _V6),
    Case("example.com.", "pass", "::ffff:192.0.2.20"),
    Case("none", "none"),
    Case("nodata", "none"),
    Case("nowhere", "none"),
    Case("com.", "none"),
    Case("a..example.com.", "none"),
    Case(f"{'x' * 64}.example.com.", "none"),
    Case("broken.example.", "temperror"),
    Case("case", "pass"),
    Case("split", "pass"),
    Case("two", "permerror"),
    Case("spf10", "none"),
    Case("empty", "neutral"),
    Case("spaces", "softfail", "192.0.2.2"),
    Case("plus", "pass"),
    Case("neutral", "neutral"),
    Case("soft", "softfail"),
    Case("net", "pass", "192.0.2.127"),
    Case("net", "fail", "192.0.2.128"),
    Case("net", "fail", _V6),
    Case("net0", "pass"),
    Case("net0", "fail", _V6),
    Case("host", "pass"),
    Case("v6", "pass", _V6),
    Case("v6", "fail"),
    Case("v6one", "pass", _V6),
    Case("v6one", "fail", "2001:db8::2"),
    Case("acidr", "pass"),
    Case("adual", "pass"),
    Case("adual", "pass", "2001:db8::ffff"),
    Case("a6only", "fail", "192.0.2.21"),
    Case("a6only", "pass", _V6),
    Case("amacro", "pass", "192.0.2.30", "www"),
    Case("amacro", "fail", "192.0.2.30", "mx1"),
    Case("amacro", "fail", local="a..b"),
    Case("mxcidr", "pass", "192.0.2.31"),
    Case("mxcidr", "fail", "192.0.2.32"),
    Case("nomx", "softfail", "192.0.2.30"),
    Case("ten", "pass", "192.0.2.21"),
    Case("eleven", "permerror"),
    Case("inc", "pass"),
    Case("inc", "fail", "192.0.2.200"),
    Case("incsoft", "pass"),
    Case("incnone", "permerror"),
    Case("incperm", "permerror"),
    Case("incself", "permerror"),
    Case("redir", "pass"),
    Case("redir", "fail", "192.0.2.200"),
    Case("rednone", "permerror"),
    Case("redall", "neutral"),
    Case("redfirst", "pass", "192.0.2.200"),
    Case("redtwo", "permerror"),
    Case("unknown", "pass"),
    Case("bad", "permerror"),
    Case("late", "permerror"),
    Case("nobits", "permerror"),
    Case("zero", "permerror"),
    Case("noinc", "permerror"),
    Case("noexists", "permerror"),
    Case("allarg", "permerror"),
    Case("badqual", "permerror"),
    Case("badmacro", "permerror"),
    Case("percent", "permerror"),
    Case("noten", "permerror"),
    Case("nodot", "permerror"),
    Case("dotted", "pass", "192.0.2.30"),
    Case("v6in4", "fail"),
    Case("bad6", "permerror"),
    Case("exists", "pass"),
    Case("exists", "fail", "192.0.2.2"),
    Case("parts", "pass", local="b-c-d"),
    Case("parts", "fail", local="c-b"),
    Case("s", "pass"),
    Case("helo", "pass"),
    Case("helo", "fail", helo="other.example.org"),
    Case("upper", "pass", local="a+b"),
    Case("d2", "pass"),
    Case("ptr", "fail"),
    Case("ptrarg", "pass"),
    Case("ptrarg", "pass", _V6),
    Case("ptrarg", "softfail", "192.0.2.5"),
    Case("p", "pass"),
    Case("p", "fail", "192.0.2.5"),
    Case("ten1", "pass"),
    Case("ten2", "permerror"),
    Case("deep1", "permerror"),
    Case("void2", "pass"),
    Case("void3", "permerror"),
    Case("voidinc", "permerror"),
    Case(
        "exp",
        "fail",
        explanation="192.0.2.1 is not one of exp.example.com's: see "
        "http://mail.example.org/bob%40exp.example.com now",
    ),
    Case("exptwo", "fail"),
    Case("expbad", "fail"),
    Case("expinc", "fail"),
    Case(
        "expred",
        "fail",
        explanation="192.0.2.1 is not one of exp.example.com's: see "
        "http://mail.example.org/bob%40expred.example.com now",
    ),
    Case("alias", "pass"),
    Case("long", "pass", local="x" * 60),
    Case("ptr", "fail", "203.0.113.1", differs="section 5.5: the mechanism fails to match"),
    Case("ten3", "pass", differs="section 6.1: redirect comes after all mechanisms"),
    Case("twice", "fail", differs="section 6: only redirect and exp must not appear twice"),
    Case("cow", "permerror", differs="section 12: an unknown modifier is a macro-string too"),
    Case("letter", "permerror"),
)
