package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/hustings/hustings/client"
	"github.com/hustings/hustings/desk"
	"github.com/hustings/hustings/load/demo"
	"github.com/hustings/hustings/node"
)

// demoFlags is what demo is told.
type demoFlags struct {
	config              demo.Config
	api, admin, keyFile string // of a running exchange
	node                node.Config
}

func newDemoCommand() *cobra.Command {
	var f demoFlags
	c := &cobra.Command{
		Use:   "demo",
		Short: "Run an exchange with a dozen lively markets and traders who never tire",
		Long: `Run an exchange in this process, with a dozen markets and synthetic traders: makers who quote around what they believe and
lean against what they hold, a crowd that trades for reasons of its own, and a few who hear the news first. Markets end,
are resolved and paid out, and others take their place. Traders who run low are paid in for. It ends on Ctrl-C.

The exchange is a new one in a temporary directory, which is removed at the end; --data keeps it. With --api the traders go
to an exchange that runs already; there they leave their markets open, and another demo goes on with them.`,
		Example: "  hustings demo\n  hustings demo --rate 500 --speed 10\n  hustings demo --api http://127.0.0.1:8080 --admin http://127.0.0.1:8081 --key-file data/admin.key",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return f.run(c) },
	}
	fl := c.Flags()
	fl.Float64Var(&f.config.Rate, "rate", 50, "orders a second, in all markets together")
	fl.Float64Var(&f.config.Speed, "speed", 1, "by how much time runs faster in the markets, which last a quarter of an hour and more")
	fl.IntVar(&f.config.Markets, "markets", 12, fmt.Sprintf("markets that are open at any time, 1 to %d", demo.MarketsMost))
	fl.Uint64Var(&f.config.Seed, "seed", 1, "the same seed gives the same prices, but for what others trade")
	fl.StringVar(&f.node.Dir, "data", "", "directory of the exchange's data, which is kept (default: a temporary one)")
	fl.StringVar(&f.node.Listen, "listen", "127.0.0.1:8080", "address of the API")
	fl.StringVar(&f.node.AdminListen, "admin-listen", "127.0.0.1:8081", "address of the operator's API")
	fl.StringVar(&f.api, "api", "", "URL of a running exchange's API to trade on instead")
	fl.StringVar(&f.admin, "admin", "http://127.0.0.1:8081", "URL of the running exchange's operator API")
	fl.StringVar(&f.keyFile, "key-file", "data/"+node.AdminKeyFile, "file with the running exchange's operator key")
	for _, own := range []string{"data", "listen", "admin-listen"} {
		c.MarkFlagsMutuallyExclusive("api", own)
	}
	return c
}

func (f *demoFlags) run(c *cobra.Command) (err error) {
	if err := f.config.Check(); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(c.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	key := f.keyFile
	if f.api == "" {
		close, err := f.start()
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, close()) }()
		key = filepath.Join(f.node.Dir, node.AdminKeyFile)
	}
	if err := f.connect(key); err != nil {
		return err
	}
	defer f.config.Public.Close()
	defer f.config.Admin.Close()
	fmt.Fprintf(c.OutOrStdout(), demoGreeting, f.api, f.admin, key, f.config.Markets, number(f.config.Rate), exportAPI(f.api))
	return f.show(ctx, c.OutOrStdout())
}

const demoGreeting = `  API            %[1]s/api
  operator's API %[2]s/api/admin   key in %[3]s
  markets        %[4]d, with about %[5]s orders a second in all

In another terminal:

%[6]s  hustings markets               what is traded
  hustings book 1 --live         who wants what in a market, as it changes
  hustings watch                 trades as they happen
  hustings register ada          make an account
  hustings deposit 1000          pay in play money
  hustings order buy 1 yes 20    trade
  hustings portfolio             what has become of it

Ctrl-C ends it.

`

// exportAPI tells the commands of a trader of an exchange that is not where they look by themselves.
func exportAPI(api string) string {
	if api == desk.DefaultAPI {
		return ""
	}
	return "  export HUSTINGS_API=" + api + "\n"
}

// start starts an exchange here. Close stops it, and removes its directory if it is a temporary one.
func (f *demoFlags) start() (close func() error, err error) {
	remove := func() error { return nil }
	if f.node.Dir == "" {
		if f.node.Dir, err = os.MkdirTemp("", "hustings-demo-"); err != nil {
			return nil, fmt.Errorf("making a temporary directory: %w", err)
		}
		remove = func() error { return os.RemoveAll(f.node.Dir) }
	}
	f.node.TraderDeposits, f.node.Version = true, version()
	f.node.Log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	n, err := node.Start(f.node)
	if errors.Is(err, syscall.EADDRINUSE) {
		err = fmt.Errorf("%w: stop whatever uses it, choose other addresses with --listen and --admin-listen, or trade there with --api", err)
	}
	if err != nil {
		return nil, errors.Join(err, remove())
	}
	f.api, f.admin = "http://"+n.Addr(), "http://"+n.AdminAddr()
	return func() error { return errors.Join(n.Close(), remove()) }, nil
}

func (f *demoFlags) connect(keyFile string) (err error) {
	key, err := os.ReadFile(keyFile)
	if err != nil {
		return fmt.Errorf("reading the operator's key: %w", err)
	}
	if f.config.Public, err = client.New(f.api, client.Options{}); err != nil {
		return err
	}
	f.config.Admin, err = client.New(f.admin, client.Options{Token: strings.TrimSpace(string(key))})
	return err
}

// show runs the demo and tells what happens: line by line, with a status below them on a terminal.
func (f *demoFlags) show(ctx context.Context, w io.Writer) error {
	screen, ok := w.(*os.File)
	terminal := ok && term.IsTerminal(int(screen.Fd()))
	clear := ""
	if terminal {
		clear = "\r\x1b[K"
	}
	lines := make(chan string, 64)
	f.config.Say = func(format string, args ...any) {
		lines <- time.Now().Format(time.TimeOnly) + "  " + fmt.Sprintf(format, args...)
	}
	d, err := demo.New(f.config)
	if err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() { done <- d.Run(ctx) }()
	every := time.NewTicker(time.Second)
	defer every.Stop()
	last := d.Tally()
	for {
		select {
		case line := <-lines:
			fmt.Fprintf(w, "%s%s\n", clear, line)
		case <-every.C:
			now := d.Tally()
			if terminal {
				fmt.Fprintf(w, "%s%s orders/s, %s contracts/s, %s markets resolved", clear,
					number(now.Orders-last.Orders), number(now.Contracts-last.Contracts), number(now.Resolved))
			}
			last = now
		case err := <-done:
			fmt.Fprint(w, clear, summary(d.Tally()))
			return err
		}
	}
}

// summary says what a demo did.
func summary(t demo.Tally) string {
	s := fmt.Sprintf("Stopped: %s orders, %s contracts, %s markets opened and %s resolved, %s paid in.\n",
		number(t.Orders), number(t.Contracts), number(t.Opened), number(t.Resolved), number(int64(t.Deposits)/10_000))
	for code, n := range t.Unexpected() {
		s += fmt.Sprintf("  %s orders were refused: %s\n", number(n), code)
	}
	return s
}
