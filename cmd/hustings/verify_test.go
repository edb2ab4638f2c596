package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/node"
	"github.com/hustings/hustings/replica"
	"github.com/hustings/hustings/vfs"
)

// traded is an exchange on which two traders traded, and what its API said of them.
type traded struct {
	dir    string
	node   *node.Node
	market api.ID
	then   time.Time // after the first trade
}

func startTraded(t *testing.T) *traded {
	t.Helper()
	x := &traded{dir: t.TempDir()}
	var err error
	x.node, err = node.Start(node.Config{Dir: x.dir, Listen: "127.0.0.1:0", AdminListen: "127.0.0.1:0", TraderDeposits: true,
		Replica: replica.Config{WALSegment: 1 << 20}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if x.node != nil {
			x.close(t)
		}
	})
	ctx := t.Context()
	admin := dial(t, x.node.AdminAddr(), x.node.AdminKey())
	m, err := admin.CreateMarket(ctx, "", api.CreateMarket{Question: "Will it rain tomorrow?"})
	if err != nil {
		t.Fatal(err)
	}
	x.market = m.Market
	place := func(name, outcome, side, price string) {
		t.Helper()
		account, err := admin.CreateAccount(ctx, name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := admin.DepositTo(ctx, account.Account, "", api.Transfer{Amount: 1_000_000}); err != nil {
			t.Fatal(err)
		}
		key, err := admin.CreateKeyFor(ctx, account.Account, "", api.CreateKey{})
		if err != nil {
			t.Fatal(err)
		}
		body := []byte(`{"outcome":"` + outcome + `","side":"` + side + `","price":"` + price + `","quantity":10}`)
		trader := dial(t, x.node.Addr(), key.Secret)
		if err := trader.Do(ctx, client.Request{Method: "POST", Path: "/api/markets/" + x.market.String() + "/orders", Raw: body}, nil); err != nil {
			t.Fatal(err)
		}
	}
	place("ada", "yes", "buy", "0.62")
	place("bob", "yes", "sell", "0.62")
	place("cid", "yes", "buy", "0.55")
	x.then = time.Now()
	time.Sleep(2 * time.Millisecond)
	place("dan", "yes", "sell", "0.55")
	place("eve", "yes", "sell", "0.70")
	return x
}

func dial(t *testing.T, addr, token string) *client.Client {
	t.Helper()
	c, err := client.New("http://"+addr, client.Options{Token: token})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func (x *traded) close(t *testing.T) {
	t.Helper()
	if err := x.node.Close(); err != nil {
		t.Fatal(err)
	}
	x.node = nil
}

// execute runs a command and returns what it printed and its exit code.
func execute(t *testing.T, c *cobra.Command, args ...string) (out string, code int) {
	t.Helper()
	var b bytes.Buffer
	c.SilenceErrors, c.SilenceUsage = true, true
	c.SetOut(&b)
	c.SetArgs(args)
	err := c.Execute()
	var coded exitError
	switch {
	case errors.As(err, &coded):
		code = coded.code
		if coded.error != nil {
			b.WriteString(coded.Error())
		}
	case err != nil:
		t.Fatalf("an error without an exit code: %v", err)
	}
	return b.String(), code
}

// lastLine decodes the JSON at the end of an output.
func lastLine(t *testing.T, out string, into any) {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), into); err != nil {
		t.Fatalf("the last line is no JSON object: %v\n%s", err, out)
	}
}

func want(t *testing.T, out string, code, wanted int, texts ...string) {
	t.Helper()
	if code != wanted {
		t.Errorf("exit code %d, want %d", code, wanted)
	}
	for _, text := range texts {
		if !strings.Contains(out, text) {
			t.Errorf("%q is not in:\n%s", text, out)
		}
	}
}

func TestVerifyReplayAndAt(t *testing.T) {
	x := startTraded(t)
	out, code := execute(t, newVerifyCommand(), "--data", x.dir)
	want(t, out, code, exitUnchecked, "an exchange runs on", "Nothing was read")
	out, code = execute(t, newReplayCommand(), "--data", x.dir)
	want(t, out, code, exitUnchecked, "an exchange runs on")

	key := filepath.Join(x.dir, node.AdminKeyFile)
	live, code := execute(t, newAtCommand(), x.then.Format(time.RFC3339Nano), x.market.String(), "--json", "--addr", x.node.Addr(),
		"--admin-addr", x.node.AdminAddr(), "--admin-key", key)
	want(t, live, code, 0, "0.6200", "0.5500")
	x.close(t)

	out, code = execute(t, newAtCommand(), x.then.Format(time.RFC3339Nano), x.market.String(), "--data", x.dir, "--json")
	want(t, out, code, 0, "Will it rain tomorrow?", "0.6200")
	var fromAPI, fromFiles map[string]any
	lastLine(t, live, &fromAPI)
	lastLine(t, out, &fromFiles)
	delete(fromFiles, "question")
	if a, b := asText(t, fromAPI), asText(t, fromFiles); a != b || !strings.Contains(a, `"last_price":"0.6200"`) {
		t.Errorf("the API said\n%s, and the files say\n%s", a, b)
	}
	out, code = execute(t, newAtCommand(), "-1ms", x.market.String(), "--data", x.dir)
	want(t, out, code, 0, "0.7000", "Positions")
	out, code = execute(t, newAtCommand(), "--data", x.dir, "-240h", x.market.String())
	want(t, out, code, exitUnchecked, "had not begun")

	out, code = execute(t, newReplayCommand(), "--data", x.dir, "--json")
	want(t, out, code, 0, "No difference")
	var replayed struct {
		Same     bool
		Commands int
	}
	if lastLine(t, out, &replayed); !replayed.Same || replayed.Commands == 0 {
		t.Errorf("%+v", replayed)
	}

	out, code = execute(t, newVerifyCommand(), "--data", x.dir, "--json")
	want(t, out, code, 0, "All is well", "signed by hustings/shard-1")
	var verified struct {
		Clean  bool
		Events int
	}
	if lastLine(t, out, &verified); !verified.Clean || verified.Events == 0 {
		t.Errorf("%+v", verified)
	}
	damage(t, filepath.Join(node.ShardDir(x.dir, exchange.HomeShard), "journal", "00000000000000000001.journal"), 300)
	out, code = execute(t, newVerifyCommand(), "--data", node.ShardDir(x.dir, exchange.HomeShard), "--public-key", filepath.Join(x.dir, node.CheckpointPubFile))
	want(t, out, code, exitDamaged, "DAMAGED", "00000000000000000001.journal at byte ", "wrong checksum")
	out, code = execute(t, newReplayCommand(), "--data", x.dir)
	want(t, out, code, exitUnchecked, "hustings verify")
}

func asText(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func damage(t *testing.T, name string, at int) {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	content[at] ^= 1
	if err := vfs.WriteFile(vfs.OS, name, content); err != nil {
		t.Fatal(err)
	}
}

func TestMisuseIsNoFinding(t *testing.T) {
	empty := t.TempDir()
	for _, args := range [][]string{{"--data", empty}, {"surplus"}, {"--unknown"}, {"--data", empty, "--public-key", "nowhere"}} {
		if _, code := execute(t, newVerifyCommand(), args...); code != exitUnchecked {
			t.Errorf("verify %q: exit code %d", args, code)
		}
	}
	for _, args := range [][]string{{"--data", empty}, {"--limit", "-1"}} {
		if _, code := execute(t, newReplayCommand(), args...); code != exitUnchecked {
			t.Errorf("replay %q: exit code %d", args, code)
		}
	}
	for _, args := range [][]string{{}, {"-10m"}, {"yesterday", "1"}, {"-10m", "one"}, {"2999-01-01", "1"}, {"-10m", "1", "--depth", "0"}, {"-10m", "1", "--data", empty}} {
		if _, code := execute(t, newAtCommand(), args...); code != exitUnchecked {
			t.Errorf("at %q: exit code %d", args, code)
		}
	}
	if out, code := execute(t, newAtCommand(), "--help"); code != 0 || !strings.Contains(out, "relative") {
		t.Errorf("at --help: %d, %s", code, out)
	}
}
