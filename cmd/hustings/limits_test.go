package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hustings/hustings/guard"
)

func TestLimitsFlag(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	p, err := readLimits("on")
	if want := guard.Default(); err != nil || p == nil || p.Rates != want.Rates || p.Factors != want.Factors || p.Knocks != want.Knocks {
		t.Errorf("on: %+v, %v", p, err)
	}
	if p, err := readLimits("off"); p != nil || err != nil {
		t.Errorf("off: %+v, %v", p, err)
	}
	p, err = readLimits(file("own", "[limits]\ntier = \"premium\"\n[limits.orders]\nrate = 7\n[[limits.account]]\naccount = 3\ntier = \"institutional\"\n"))
	if err != nil || p.Tier != guard.Premium || p.Rates[guard.Orders] != (guard.Rate{PerSecond: 7, Burst: 10}) || p.Accounts[3] != guard.Institutional {
		t.Errorf("a file: %+v, %v", p, err)
	}
	if p, err := readLimits(file("none", "[limits]\nenforce = false\n")); p != nil || err != nil {
		t.Errorf("a file that switches them off: %+v, %v", p, err)
	}
	for text, says := range map[string]string{
		"of": "--limits of: write on, off, or the name of a file",
		file("wrong", "[limits]\ntier = \"gold\"\n"): `:2: limits: tier: "gold" is no tier`,
		file("more", "node = 3\n"):                   ":1: there is no node",
	} {
		if _, err := readLimits(text); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", text, err)
		}
	}
}
