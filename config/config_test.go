package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// write makes a file of a directory of its own.
func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "hustings.toml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const least = `node = 3
[listen]
peers = "10.0.0.3:7000"
[[member]]
node = 1
peers = "10.0.0.1:7000"
`

func TestLeastFileHasDefaults(t *testing.T) {
	path := write(t, least)
	f, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	want := Defaults()
	want.Node, want.Listen.Peers, want.Members = 3, "10.0.0.3:7000", []Member{{1, "10.0.0.1:7000"}}
	want.resolve(filepath.Dir(path))
	if diff := cmp.Diff(&want, f); diff != "" {
		t.Error(diff)
	}
	if want := filepath.Join(filepath.Dir(path), "tls", "node.key"); f.TLS.Key != want {
		t.Errorf("the key is at %s, not %s", f.TLS.Key, want)
	}
}

// What Format writes is read as it was.
func TestFormatIsRead(t *testing.T) {
	for _, change := range []func(*File){
		func(*File) {},
		func(f *File) {
			f.Data, f.Region, f.Deposits, f.AccessLog, f.DrainDelay = `/var/lib/a "b" \c`, "new york", Traders, true, Duration(90*time.Second)
			f.PublicMetrics, f.Tracing = true, Tracing{"https://collector:4318", 0.25, true}
			f.Listen = Listen{API: "[::]:80", Admin: "127.0.0.1:0", Peers: ":7000"}
			f.HTTPS = HTTPS{"/g", "/h", "/i", "example.com", "x@example.com", "https://acme.example/directory"}
			f.TLS, f.Secrets = TLS{"/a", "/b", "/c"}, Secrets{"/d", "/e", "/f"}
			f.Timing = Timing{Duration(10 * time.Millisecond), Duration(100 * time.Millisecond)}
			f.Limits.Enforce, f.Limits.Tier, f.Limits.AddressConnections, f.Limits.AddressFactor = false, "institutional", 7, 1000
			f.Limits.TargetLatency, f.Limits.TrustedProxies = Duration(time.Second), []string{"10.0.0.0/8", "192.0.2.1"}
			f.Limits.General, f.Limits.Orders, f.Limits.MarketData = Rate{1, 2}, Rate{3, 4}, Rate{5.5, 6}
			f.Limits.Authentication, f.Limits.Cancels, f.Limits.Factor = Rate{7, 8}, Rate{9, 10}, Factor{11, 12}
			f.Limits.Penalty = Penalty{13, Duration(14 * time.Second), Duration(15 * time.Second)}
			f.Limits.Accounts = []AccountLimits{{16, "premium"}, {17, "institutional"}}
			f.Feed = Feed{"https://a.example https://b.example", 1, 2, 1 << 20, 4, 5}
			f.Members = append(f.Members, Member{2, "example.com:7000"}, Member{65535, "[2001:db8::1]:7000"})
		},
	} {
		f := Defaults()
		f.Node, f.Listen.Peers, f.Members = 1, "10.0.0.1:7000", []Member{{1, "10.0.0.1:7000"}}
		change(&f)
		text, err := Format(f)
		if err != nil {
			t.Fatal(err)
		}
		path := write(t, string(text))
		got, err := Load(path)
		if err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		f.resolve(filepath.Dir(path))
		if diff := cmp.Diff(&f, got); diff != "" {
			t.Errorf("%s\nin\n%s", diff, text)
		}
	}
}

// Every error says where it is and what to do.
func TestErrorsNameLineAndCure(t *testing.T) {
	replace := func(old, new string) string { return strings.Replace(least, old, new, 1) }
	for _, c := range []struct {
		text string
		line int
		says []string
	}{
		{replace("node = 3", "nod = 3"), 1, []string{"no nod:", "one of node, data, region, deposits"}},
		{replace("peers", "peer"), 3, []string{"no listen.peer", "api, admin, peers"}},
		{least + "nodes = 7\n", 7, []string{"no member.nodes", "node, peers"}},
		{least + "[lisden]\napi = \"a:1\"\n", 7, []string{"no lisden:", "drain_delay, listen, https, tracing, tls, secrets, timing, limits, feed, member"}},
		{replace("node = 3", "node = 0"), 1, []string{"node: give this node a number"}},
		{replace("node = 3", ""), 0, []string{"node: give this node a number"}},
		{replace("node = 3", "node = 65536"), 1, []string{"node"}},
		{replace("node = 3", `node = "three"`), 1, []string{"node"}},
		{replace("node = 3", "node = "), 1, nil},
		{"deposits = \"all\"\n" + least, 1, []string{`deposits: "all": write "operator"`, `"traders"`}},
		{"data = \"\"\n" + least, 1, []string{"data: name a file or directory"}},
		{replace("10.0.0.3:7000", "10.0.0.3"), 3, []string{`"10.0.0.3" is no address`, `"10.0.0.1:7000"`}},
		{replace("10.0.0.3:7000", "10.0.0.3:70000"), 3, []string{"is no address"}},
		{replace("10.0.0.3:7000", "10.0.0.3:0"), 3, []string{"listen.peers: other nodes must know the port"}},
		{replace(`peers = "10.0.0.3:7000"`, ""), 2, []string{"listen.peers: \"\" is no address"}},
		{replace("10.0.0.1:7000", ":7000"), 6, []string{`member.peers: ":7000" cannot be connected to`}},
		{replace("10.0.0.1:7000", "0.0.0.0:7000"), 6, []string{`"0.0.0.0:7000" cannot be connected to`}},
		{replace(`peers = "10.0.0.1:7000"`, ""), 4, []string{`member.peers: "" cannot be connected to`}},
		{replace("node = 1", ""), 4, []string{"member.node: give the member its number"}},
		{least + "[[member]]\nnode = 1\npeers = \"10.0.0.2:7000\"\n", 8, []string{"member.node: node 1 is there twice"}},
		{least + "[[member]]\nnode = 2\npeers = \"10.0.0.1:7000\"\n", 9, []string{"member.peers: 10.0.0.1:7000 is there twice"}},
		{least[:strings.Index(least, "[[")], 0, []string{"member: name the exchange's first nodes"}},
		{least + "[timing]\nheartbeat = \"20ms\"\nelection = \"79ms\"\n", 9, []string{"timing.election: 79ms is too short for a heartbeat of 20ms: write 80ms or more"}},
		{least + "[timing]\nheartbeat = \"30ms\"\n", 7, []string{"timing.election: 100ms is too short"}},
		{least + "[timing]\nheartbeat = \"999us\"\n", 8, []string{"timing.heartbeat: 999µs is too short: write 1ms or more"}},
		{least + "[timing]\nelection = \"61s\"\n", 8, []string{"timing.election: 1m1s is too long: write 1m0s or less"}},
		{least + "[timing]\nelection = \"60\"\n", 8, []string{`"60" is no duration`}},
		{least + "[timing]\nelection = 60\n", 8, nil},
		{least + "[limits]\ntier = \"gold\"\n", 8, []string{`limits: tier: "gold" is no tier: write standard, premium or institutional`}},
		{least + "[limits.orders]\nrate = 0\n", 7, []string{"limits: orders: a rate of 0 a second is not within"}},
		{least + "[limits]\ntrusted_proxies = [\"proxy\"]\n", 8, []string{`"proxy" is no address or network`}},
		{least + "[limits]\n[[limits.account]]\naccount = 0\ntier = \"premium\"\n", 7, []string{"account 0: give each account once"}},
		{least + "[limits]\n[[limits.account]]\naccount = 1\ntier = \"premium\"\n[[limits.account]]\naccount = 1\n", 7, []string{"account 1: give each"}},
		{least + "[limits]\nrate = 5\n", 8, []string{"no limits.rate", "enforce, tier, target_latency"}},
		{least + "[tracing]\nendpoint = \"localhost:4318\"\n", 8, []string{`tracing.endpoint: "localhost:4318" is no URL of a collector`}},
		{least + "[tracing]\nratio = 1.5\n", 8, []string{"tracing.ratio: 1.5 is no part of the requests"}},
		{least + "[feed]\nring = 0\n", 8, []string{"feed.ring: write 1 or more"}},
		{"drain_delay = \"-1s\"\n" + least, 1, []string{`"-1s" is no duration`}},
	} {
		path := write(t, c.text)
		_, err := Load(path)
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%v in\n%s", err, c.text)
			continue
		}
		place := path + ": "
		if c.line != 0 {
			place = fmt.Sprintf("%s:%d: ", path, c.line)
		}
		if !strings.HasPrefix(err.Error(), place) {
			t.Errorf("not at line %d: %v\nin\n%s", c.line, err, c.text)
		}
		for _, say := range c.says {
			if !strings.Contains(err.Error(), say) {
				t.Errorf("%q is not in: %v", say, err)
			}
		}
		if strings.Contains(err.Error(), "\n") {
			t.Errorf("more than one error of one mistake: %v", err)
		}
	}
}

func TestBoundsCanBeReached(t *testing.T) {
	for _, timing := range []string{"heartbeat = \"1ms\"\nelection = \"4ms\"", "heartbeat = \"15s\"\nelection = \"1m\""} {
		if _, err := Load(write(t, least+"[timing]\n"+timing+"\n")); err != nil {
			t.Error(err)
		}
	}
}

// A file with several mistakes is told all of them at once.
func TestAllMistakesAreTold(t *testing.T) {
	_, err := Load(write(t, "deposits = \"all\"\n"+strings.Replace(least, "node = 3", "node = 0", 1)))
	if err == nil || strings.Count(err.Error(), "\n") != 1 {
		t.Errorf("%v", err)
	}
	if _, err := Load(filepath.Join(t.TempDir(), "none.toml")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v", err)
	}
}

// docs/configuration.md has every setting with its default, and no other; and its example can be used.
func TestDocsHaveEverySetting(t *testing.T) {
	page, err := os.ReadFile("../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for line := range strings.Lines(string(page)) {
		if strings.HasPrefix(line, "| `") {
			columns := strings.SplitN(line, " | ", 3)
			if len(columns) != 3 {
				columns = strings.SplitN(line, " | | ", 2)
				columns = []string{columns[0], "", columns[len(columns)-1]}
			}
			rows = append(rows, strings.TrimSpace(columns[0]+" | "+columns[1]))
		}
	}
	var want []string
	for _, s := range settings() {
		value := s.value
		if value != "" {
			value = "`" + value + "`"
		}
		want = append(want, strings.TrimSpace("| `"+s.name+"` | "+value))
	}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Errorf("docs/configuration.md (-settings +page):\n%s", diff)
	}
	_, example, _ := strings.Cut(string(page), "```toml\n")
	example, _, _ = strings.Cut(example, "```")
	if f, err := Load(write(t, example)); err != nil || f.Node != 1 || len(f.Members) != 3 {
		t.Errorf("the example: %+v, %v", f, err)
	}
}
