package config

import (
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hustings/hustings/guard"
)

// What a file says nothing about is as package guard has it.
func TestUsualLimits(t *testing.T) {
	l := Defaults().Limits
	got, err := l.Policy()
	if err != nil {
		t.Fatal(err)
	}
	want := guard.Default()
	want.Accounts = map[uint32]guard.Tier{}
	if diff := cmp.Diff(&want, got); diff != "" {
		t.Error(diff)
	}
}

func TestTrustedProxies(t *testing.T) {
	l := Defaults().Limits
	l.TrustedProxies = []string{"10.1.2.3/8", "192.0.2.1", "::ffff:192.0.2.2", "2001:db8::/32"}
	p, err := l.Policy()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, n := range p.TrustedProxies {
		got = append(got, n.String())
	}
	if diff := cmp.Diff([]string{"10.0.0.0/8", "192.0.2.1/32", "192.0.2.2/32", "2001:db8::/32"}, got); diff != "" {
		t.Error(diff)
	}
	if at := netip.MustParseAddr("10.9.9.9"); p.Client(at, []string{"198.51.100.1"}) == at {
		t.Error("a proxy of the network is not trusted")
	}
}

// Whatever stands in a file of limits, it is refused with a message or gives a guard.
func FuzzLimits(f *testing.F) {
	f.Add("[limits]\nenforce = true\ntier = \"premium\"\n[limits.orders]\nrate = 0.5\nburst = 3\n")
	f.Add("[limits]\ntrusted_proxies = [\"10.0.0.0/8\", \"::1\"]\n[[limits.account]]\naccount = 7\ntier = \"institutional\"\n")
	f.Add("[limits.general]\nrate = nan\n[limits.factor]\npremium = inf\n[limits.penalty]\ntime = \"1h\"\n")
	f.Fuzz(func(t *testing.T, text string) {
		path := filepath.Join(t.TempDir(), "limits.toml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		p, err := LoadLimits(path)
		if err != nil {
			return
		}
		if p != nil && p.Check() != nil {
			t.Errorf("a policy that cannot be used was taken: %v", p.Check())
		}
	})
}
