package main

import (
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
	"github.com/hustings/hustings/node"
)

// What top and findings say of an exchange that has just begun, and of none.
func TestTopAndFindings(t *testing.T) {
	ctx, dir := bound(t), t.TempDir()
	n, err := node.Start(node.Config{Dir: dir, Listen: "127.0.0.1:0", AdminListen: "127.0.0.1:0", TraderDeposits: true, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	admin, err := client.New("http://"+n.AdminAddr(), client.Options{Token: n.AdminKey()})
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	if _, err := admin.CreateMarket(ctx, "m", api.CreateMarket{Question: "Will it rain in Paris tomorrow?"}); err != nil {
		t.Fatal(err)
	}
	ask := []string{"--admin", "http://" + n.AdminAddr(), "--key-file", filepath.Join(dir, node.AdminKeyFile)}
	out, err := runHere(t, append([]string{"top", "--once", "--every", "100ms"}, ask...)...)
	if err != nil {
		t.Fatal(err)
	}
	for _, says := range []string{"hustings top", "order placed", "risk and match", "order queue, bytes", "reads behind", n.AdminAddr()} {
		if !strings.Contains(out, says) {
			t.Errorf("no %q in\n%s", says, out)
		}
	}
	if out, err := runHere(t, append([]string{"findings"}, ask...)...); err != nil || out != "Nothing was found.\n" {
		t.Errorf("%v: %s", err, out)
	}
	if _, err := runHere(t, append([]string{"findings", "--kind", "mischief"}, ask...)...); err == nil || !strings.Contains(err.Error(), "no such kind") {
		t.Errorf("a kind that there is not: %v", err)
	}
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = runHere(t, append([]string{"top", "--once", "--every", "100ms"}, ask...)...)
	var coded exitError
	if !errors.As(err, &coded) || coded.code != exitNoAnswer {
		t.Errorf("nobody answers: %v", err)
	}
	if _, err := runHere(t, append([]string{"top", "--every", "1ms"}, ask...)...); err == nil || !strings.Contains(err.Error(), "--every 1ms") {
		t.Errorf("too often: %v", err)
	}
}

func TestDrawFindings(t *testing.T) {
	const at = api.Time(1_800_000_000e9)
	got := drawFindings(api.Findings{Findings: []api.Finding{
		{Kind: "wash_pair", Markets: []api.ID{7, 8}, Accounts: []api.ID{12, 34}, From: at, To: at + 90e9, Score: 125, Observed: 5, Limit: 4, Evidence: []api.ID{100, 2000}},
		{Kind: "order_to_trade", Markets: []api.ID{7}, Accounts: []api.ID{5}, From: at, To: at + 600e9, Score: 1000, Observed: 1600, Limit: 60, Evidence: []api.ID{9}},
	}})
	const wants = `until                kind            markets  accounts  score   observed  limit  for    events
2027-01-15 08:01:30  wash_pair       7 8      12 34     125 %   5         4      1m30s  100 2000
2027-01-15 08:10:00  order_to_trade  7        5         1000 %  1,600     60     10m0s  9
`
	if got != wants {
		t.Errorf("got\n%s", got)
	}
}
