package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/hustings/hustings/client"
	"github.com/hustings/hustings/top"
)

func newTopCommand() *cobra.Command {
	var o operator
	var once bool
	every := time.Second
	c := &cobra.Command{
		Use:   "top",
		Short: "Show live what an exchange is doing",
		Long: `Show live what an exchange is doing: throughput, latencies, queues, shards with their leaders, and the busiest markets. It is
made of what the nodes measure, so it costs them no more than a scrape of Prometheus.

For an exchange that hustings run serves: hustings top --admin http://127.0.0.1:8081 --key-file data/admin.key`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if every < shortestTop {
				return fmt.Errorf("--every %v: must be at least %v", every, shortestTop)
			}
			ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
			defer stop()
			nodes, closeAll, err := topNodes(&o, every)
			if err != nil {
				return err
			}
			defer closeAll()
			return showTop(ctx, c, top.NewWatcher(nodes), every, once)
		},
	}
	o.flags(c.Flags())
	c.Flags().BoolVar(&once, "once", false, "print one board of what happens within --every, and end")
	c.Flags().DurationVar(&every, "every", every, "how often to look")
	return c
}

const shortestTop = 100 * time.Millisecond

// topNodes returns all nodes that can be asked.
func topNodes(o *operator, every time.Duration) (nodes []top.Node, closeAll func(), err error) {
	urls, key, err := o.find()
	if err != nil {
		return nil, nil, err
	}
	closeAll = func() {
		for _, n := range nodes {
			n.Client.Close()
		}
	}
	for _, url := range urls {
		cl, err := client.New(url, client.Options{Token: key, Tries: 1, Patience: max(every, askPatience)})
		if err != nil {
			closeAll()
			return nil, nil, err
		}
		_, name, _ := strings.Cut(url, "://")
		nodes = append(nodes, top.Node{Name: name, Client: cl})
	}
	return nodes, closeAll, nil
}

// showTop shows boards on a terminal, and prints one anywhere else.
func showTop(ctx context.Context, c *cobra.Command, w *top.Watcher, every time.Duration, once bool) error {
	out := c.OutOrStdout()
	screen, isFile := out.(*os.File)
	if !once && isFile && term.IsTerminal(int(screen.Fd())) {
		return top.Show(ctx, w, every, os.Stdin, screen, os.Getenv("NO_COLOR") == "")
	}
	board, err := w.Once(ctx, every)
	if err != nil {
		return exitError{err, exitNoAnswer}
	}
	_, err = io.WriteString(out, strings.Join(board.Lines(0, nil), "\n")+"\n")
	return err
}
