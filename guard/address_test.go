package guard

import (
	"net/netip"
	"testing"
)

func TestKeysOfAddresses(t *testing.T) {
	for _, test := range []struct {
		a, b string
		same bool
	}{
		{"192.0.2.1", "192.0.2.1", true},
		{"192.0.2.1", "192.0.2.2", false},
		{"192.0.2.1", "::ffff:192.0.2.1", true},
		{"2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true}, // one subscriber
		{"2001:db8:1:2::1", "2001:db8:1:3::1", false},
		{"::1", "127.0.0.1", false},
		{"0.0.0.0", "::", false},
	} {
		a, b := KeyOf(netip.MustParseAddr(test.a)), KeyOf(netip.MustParseAddr(test.b))
		if (a == b) != test.same || a == 0 || b == 0 {
			t.Errorf("%s is %x, %s is %x", test.a, a, test.b, b)
		}
	}
}

func proxied() *Policy {
	p := Default()
	p.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8::/32")}
	return &p
}

func TestClientsBehindProxies(t *testing.T) {
	for name, test := range map[string]struct {
		peer, want string
		forwarded  []string
	}{
		"nobody between":             {"192.0.2.1", "192.0.2.1", nil},
		"a header of a stranger":     {"192.0.2.1", "192.0.2.1", []string{"198.51.100.7"}},
		"a proxy":                    {"10.0.0.1", "198.51.100.7", []string{"198.51.100.7"}},
		"a proxy that says nothing":  {"10.0.0.1", "10.0.0.1", nil},
		"two proxies":                {"10.0.0.1", "198.51.100.7", []string{"198.51.100.7, 10.9.9.9"}},
		"two headers":                {"10.0.0.1", "198.51.100.7", []string{"1.1.1.1", "198.51.100.7", "10.9.9.9"}},
		"spoofed before the proxy":   {"10.0.0.1", "198.51.100.7", []string{"127.0.0.1, 198.51.100.7"}},
		"a trusted one is pretended": {"10.0.0.1", "198.51.100.7", []string{"10.1.1.1,198.51.100.7"}},
		"with ports":                 {"10.0.0.1", "2001:db9::5", []string{"[2001:db9::5]:4711, 10.9.9.9:80"}},
		"mapped":                     {"::ffff:10.0.0.1", "198.51.100.7", []string{"::ffff:198.51.100.7"}},
		"IPv6":                       {"2001:db8::1", "2001:db9::5", []string{"2001:db9::5"}},
		"rubbish":                    {"10.0.0.1", "10.0.0.1", []string{"unknown"}},
		"rubbish behind":             {"10.0.0.1", "10.9.9.9", []string{"198.51.100.7, unknown, 10.9.9.9"}},
		"empty parts":                {"10.0.0.1", "10.0.0.1", []string{"198.51.100.7,,"}},
		"a zone":                     {"10.0.0.1", "10.0.0.1", []string{"fe80::1%eth0"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := proxied().Client(netip.MustParseAddr(test.peer), test.forwarded)
			if got != netip.MustParseAddr(test.want) {
				t.Errorf("%s", got)
			}
		})
	}
}

func TestClientOfASocket(t *testing.T) {
	s := newScene(t, func(p *Policy) { *p = *proxied() })
	for _, test := range []struct {
		peer, want string
		forwarded  []string
	}{
		{"192.0.2.1:80", "192.0.2.1:80", []string{"198.51.100.7"}},
		{"10.0.0.1:80", "192.0.2.1:0", []string{"192.0.2.1"}},
		{"[::ffff:10.0.0.1]:80", "192.0.2.1:0", []string{"192.0.2.1"}},
		{"10.0.0.1:80", "[2001:db9::5]:0", []string{"[2001:db9::5]:4711"}},
		{"10.0.0.1:80", "10.0.0.1:80", nil},
		{"10.0.0.1:80", "10.0.0.1:80", []string{"unknown"}},
		{"@", "@", []string{"192.0.2.1"}},
	} {
		got := s.Client(test.peer, test.forwarded)
		if got != test.want {
			t.Errorf("behind %s, which says %q: %s", test.peer, test.forwarded, got)
		}
		if again := s.Client(got, test.forwarded); again != got { // a socket's requests come with what was found for its first one
			t.Errorf("behind %s, which says %q: %s", got, test.forwarded, again)
		}
	}
	if a, b := KeyOfSocket("192.0.2.1:80"), KeyOfSocket("@"); a != at(1) || b != 1 {
		t.Errorf("%x %x", a, b)
	}
}

// Whatever a header says, it ends, and a stranger's is not listened to.
func FuzzForwarded(f *testing.F) {
	f.Add("198.51.100.7, 10.9.9.9", "")
	f.Add("[2001:db9::5]:4711", ",")
	f.Add("fe80::1%eth0", " \t,\x00")
	f.Fuzz(func(t *testing.T, a, b string) {
		stranger, proxy := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("10.0.0.1")
		if got := proxied().Client(stranger, []string{a, b}); got != stranger {
			t.Errorf("%s", got)
		}
		if got := proxied().Client(proxy, []string{a, b}); !got.IsValid() || got.Zone() != "" {
			t.Errorf("%s", got)
		}
	})
}

func TestConnectionsOfAnAddress(t *testing.T) {
	s := newScene(t, func(p *Policy) {
		*p = *proxied()
		p.AddressConns = 2
	})
	c := s.Conns()
	one, other, proxy := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2"), netip.MustParseAddr("10.0.0.1")
	for i, step := range []struct {
		a    netip.Addr
		want bool
	}{{one, true}, {one, true}, {one, false}, {other, true}, {proxy, true}, {proxy, true}, {proxy, true}} {
		if got := c.Enter(step.a); got != step.want {
			t.Errorf("step %d: %t", i, got)
		}
	}
	if s.ConnsRefused() != 1 {
		t.Errorf("%d were refused", s.ConnsRefused())
	}
	c.Leave(one)
	if !c.Enter(one) {
		t.Error("there is no room when one has gone")
	}
	for _, a := range []netip.Addr{one, one, other, proxy, proxy, proxy} {
		c.Leave(a)
	}
	if len(c.open) != 0 {
		t.Errorf("%v is remembered of those who have gone", c.open)
	}
}
