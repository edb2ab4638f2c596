package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
	"github.com/hustings/hustings/node"
	"github.com/hustings/hustings/replica"
	"github.com/hustings/hustings/vfs"
)

// Each script in testdata/script is what a person types, against an exchange of its own. Beside the commands of testscript
// there is
//
//	open QUESTION [OUTCOME …]   open a market, as the operator
//	resolve MARKET VALUE …      resolve one, and wait until it is settled
//	traded MARKET               wait until somebody has traded in it
//	await FILE REGEXP           wait until a program that runs has written such a line to a file
//	exitcode N PROGRAM ARG …    run a program that ends with that code
func TestDesk(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup:               openExchange,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"open": openMarket, "resolve": resolveMarket, "exitcode": exitCode, "traded": awaitTrade, "await": awaitText,
		},
	})
}

type operatorKey struct{}

// openExchange starts an exchange in memory for a script, which finds it as its environment says.
func openExchange(e *testscript.Env) error {
	n, err := node.Start(node.Config{
		Dir: "data", Listen: "127.0.0.1:0", AdminListen: "127.0.0.1:0", TraderDeposits: true,
		Replica: replica.Config{FS: vfs.NewMem(), WALSegment: 1 << 20}, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return err
	}
	admin, err := client.New("http://"+n.AdminAddr(), client.Options{Token: n.AdminKey()})
	if err != nil {
		return err
	}
	e.Defer(func() {
		admin.Close()
		if err := n.Close(); err != nil {
			e.T().Log(err)
		}
	})
	e.Values[operatorKey{}] = admin
	if err := os.WriteFile(filepath.Join(e.WorkDir, node.AdminKeyFile), []byte(n.AdminKey()), 0o600); err != nil {
		return err
	}
	e.Setenv("ADMIN", "http://"+n.AdminAddr())
	e.Setenv("HUSTINGS_API", "http://"+n.Addr())
	e.Setenv("XDG_CONFIG_HOME", e.WorkDir+"/config")
	e.Setenv("HOME", e.WorkDir)
	e.Setenv("TZ", "UTC")
	return nil
}

func openMarket(ts *testscript.TestScript, _ bool, args []string) {
	admin := ts.Value(operatorKey{}).(*client.Client)
	fee, close := api.Rate(700), api.Time(0)
	ts.Check(close.UnmarshalText([]byte("2099-12-31T12:00:00Z")))
	m, err := admin.CreateMarket(context.Background(), "", api.CreateMarket{
		Question: args[0], Outcomes: append([]string(nil), args[1:]...), CloseAt: close, TakerFee: &fee, Tick: &api.Tick{Step: 100},
		Rules: "It is decided by what the newspapers say.",
	})
	ts.Check(err)
	_, err = admin.Fresh().OperatorMarket(context.Background(), m.Market) // from now on others see it
	ts.Check(err)
}

func resolveMarket(ts *testscript.TestScript, _ bool, args []string) {
	admin := ts.Value(operatorKey{}).(*client.Client)
	market, err := api.ParseID(args[0])
	ts.Check(err)
	r := api.ResolveMarket{Source: "The newspapers", Evidence: "Page 1."}
	for _, text := range args[1:] {
		var v api.Price
		ts.Check(v.UnmarshalText([]byte(text)))
		r.Values = append(r.Values, v)
	}
	_, err = admin.ResolveMarket(context.Background(), market, 0, r)
	ts.Check(err)
	for status := ""; status != "settled"; {
		m, err := admin.OperatorMarket(context.Background(), market)
		ts.Check(err)
		status = m.Status
	}
}

func exitCode(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec(args[1], args[2:]...)
	var exit *exec.ExitError
	if !errors.As(err, &exit) || strconv.Itoa(exit.ExitCode()) != args[0] {
		ts.Fatalf("it ended with %v", err)
	}
}

func awaitTrade(ts *testscript.TestScript, _ bool, args []string) {
	admin := ts.Value(operatorKey{}).(*client.Client)
	market, err := api.ParseID(args[0])
	ts.Check(err)
	for trades := uint64(0); trades == 0; {
		m, err := admin.OperatorMarket(context.Background(), market)
		if client.Code(err) == "market_not_found" {
			continue // it is to be opened yet
		}
		ts.Check(err)
		trades = m.Trades
	}
}

func awaitText(ts *testscript.TestScript, _ bool, args []string) {
	pattern := regexp.MustCompile("(?m)" + args[1])
	for deadline := time.Now().Add(time.Minute); ; {
		text, err := os.ReadFile(ts.MkAbs(args[0]))
		if err == nil && pattern.Match(text) {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("no line is like %s in\n%s", args[1], text)
		}
		time.Sleep(time.Millisecond)
	}
}
