package voip

import (
	"net/netip"
	"strings"
	"testing"
	"time"
)

// TestVectors are the examples of RFC 7616 §3.9.1 (and with it RFC 8760), and the plain MD5 one of RFC 2617 §3.5.
func TestVectors(t *testing.T) {
	p := map[string]string{
		"uri": "/dir/index.html", "nonce": "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", "nc": "00000001",
		"cnonce": "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", "qop": "auth",
	}
	s := NewSecret("Mufasa", "http-auth@example.org", "Circle of Life")
	for alg, want := range map[algorithm]string{
		algMD5:    "8ca523f5e9506fed4657c9700eebdbec",
		algSHA256: "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
	} {
		if got := alg.response(s.of(alg), "GET", p); got != want {
			t.Errorf("%s: %s", alg, got)
		}
	}
	old := map[string]string{"uri": "/dir/index.html", "nonce": "dcd98b7102dd2f0e8b11d0f600bfb0c093"}
	if got := algMD5.response(NewSecret("Mufasa", "testrealm@host.com", "Circle Of Life").MD5, "GET", old); got != "670fd8c2df070c60b045671b8b24ff02" {
		t.Errorf("without qop: %s", got)
	}
}

func TestGuard(t *testing.T) {
	here, elsewhere := netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("127.0.0.2")
	now := time.Unix(1e9, 0)
	g := newGuard("lab", passwords("lab", map[string]string{"dev": "secret"}))
	g.now = func() time.Time { return now }
	login := func(challenges []string, user, password string) []string {
		t.Helper()
		h, err := authorize(challenges, "INVITE", "sip:x@y", user, password)
		if err != nil {
			t.Fatal(err)
		}
		return []string{h}
	}
	check := func(name string, headers []string, method string, from netip.Addr, want verdict) {
		t.Helper()
		if _, v := g.check(headers, method, from); v != want {
			t.Errorf("%s: verdict %d, want %d", name, v, want)
		}
	}
	both := g.challenges(here, false)
	if len(both) != 2 || !strings.Contains(both[0], "MD5") || !strings.Contains(both[1], "SHA-256") {
		t.Errorf("challenges %q", both)
	}
	right := login(both, "dev", "secret")
	if !strings.Contains(right[0], "SHA-256") {
		t.Errorf("not the best algorithm: %s", right[0])
	}
	check("right", right, "INVITE", here, authOK)
	check("a replay", right, "INVITE", here, authStale)
	check("another method", login(g.challenges(here, false), "dev", "secret"), "BYE", here, authWrong)
	check("another address", login(g.challenges(here, false), "dev", "secret"), "INVITE", elsewhere, authMissing)
	check("old phone", login(g.challenges(here, false)[:1], "dev", "secret"), "INVITE", here, authOK)
	check("wrong", login(g.challenges(here, false), "dev", "guess"), "INVITE", here, authWrong)
	check("stranger", login(g.challenges(here, false), "nobody", "secret"), "INVITE", here, authWrong)
	check("nothing", nil, "INVITE", here, authMissing)
	check("another scheme", []string{"Basic eDp5"}, "INVITE", here, authMissing)
	check("another realm", login([]string{`Digest realm="other", nonce="1"`}, "dev", "secret"), "INVITE", here, authMissing)
	check("another server's nonce", login([]string{`Digest realm="lab", nonce="1", qop="auth"`}, "dev", "secret"), "INVITE", here, authMissing)
	check("garbage", []string{`Digest realm="lab", nonce="`}, "INVITE", here, authBad)
	check("no response", []string{`Digest realm="lab", username="dev", uri="x", nonce="1"`}, "INVITE", here, authBad)
	late := login(g.challenges(here, false), "dev", "secret")
	lateAndWrong := login(g.challenges(here, false), "dev", "guess")
	now = now.Add(nonceLife)
	check("too late", late, "INVITE", here, authStale)
	check("too late and wrong", lateAndWrong, "INVITE", here, authWrong)
	if c := g.challenges(here, true); !stale(c) || stale(both) {
		t.Errorf("stale is not told: %q", c)
	}
}

// TestSpent: what is known about used nonces goes away, and not too early.
func TestSpent(t *testing.T) {
	now := time.Unix(1e9, 0)
	g := newGuard("lab", nil)
	g.now = func() time.Time { return now }
	if !g.spend("a", 1) || g.spend("a", 1) || !g.spend("a", 2) {
		t.Error("counts are not kept")
	}
	now = now.Add(nonceLife - time.Second)
	if g.spend("a", 2) {
		t.Error("forgotten too early")
	}
	now = now.Add(2 * time.Second)
	g.spend("b", 1)
	if g.spend("a", 2) {
		t.Error("forgotten with the first turn")
	}
	now = now.Add(nonceLife + time.Second)
	g.spend("c", 1)
	if n := len(g.used) + len(g.old); n > 2 {
		t.Errorf("%d nonces kept", n)
	}
}

func TestLimiter(t *testing.T) {
	now := time.Unix(1e9, 0)
	l := newLimiter()
	l.now = func() time.Time { return now }
	a, b := netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("10.0.0.2")
	for range userTries {
		if !l.allow(a, "dev") {
			t.Fatal("slowed down too early")
		}
		l.wrong(a, "dev")
	}
	if l.allow(a, "dev") || !l.allow(a, "other") || !l.allow(b, "dev") {
		t.Error("the wrong ones are slowed down")
	}
	for range addressTries {
		l.wrong(a, "u")
	}
	if l.allow(a, "other") {
		t.Error("an address may try any number of users")
	}
	now = now.Add((userTries + 1) * tryBack)
	if !l.allow(a, "dev") {
		t.Error("no try came back")
	}
	for i := range maxSources + 10 {
		l.wrong(netip.AddrFrom4([4]byte{11, byte(i >> 16), byte(i >> 8), byte(i)}), "x")
	}
	if len(l.sources) > maxSources+2 {
		t.Errorf("%d sources kept", len(l.sources))
	}
}

func TestParseAuth(t *testing.T) {
	p, err := parseAuth(`digest  username="a\"b\\c" ,realm = "x, y",nc=00000001 , QOP=auth`)
	if err != nil || p["username"] != `a"b\c` || p["realm"] != "x, y" || p["nc"] != "00000001" || p["qop"] != "auth" {
		t.Errorf("%v %v", p, err)
	}
	for _, s := range []string{`Digest a`, `Digest a="`, `Digest a="\`, `Digest a=1, a=2`, `Digest =1`, "Digest " + strings.Repeat("a=1,", 40)} {
		if _, err := parseAuth(s); err == nil {
			t.Errorf("%q was taken", s)
		}
	}
}

func FuzzAuth(f *testing.F) {
	f.Add(`Digest username="a", realm="b", nonce="c", uri="d", response="e", qop=auth, nc=00000001, cnonce="f"`)
	g := newGuard("b", func(string) (Secret, bool) { return Secret{}, true })
	here := netip.MustParseAddr("127.0.0.1")
	f.Fuzz(func(t *testing.T, s string) {
		if _, v := g.check([]string{s}, "INVITE", here); v == authOK {
			t.Fatal("a stranger got in")
		}
	})
}
