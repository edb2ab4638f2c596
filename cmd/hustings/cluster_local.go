package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/hustings/hustings/load/cluster"
)

// localFlags is what cluster local is told.
type localFlags struct {
	nodes, shards, basePort int
	dir                     string
}

func newClusterLocalCommand() *cobra.Command {
	var f localFlags
	c := &cobra.Command{
		Use:   "local",
		Short: "Run several nodes on this machine, to try them out",
		Long: `Run an exchange of several nodes, a process each, on loopback of this machine. The first run makes them; later runs go on
with what is there. Kill a node and see the others trade on; Ctrl-C stops all.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return f.run(c.OutOrStdout()) },
	}
	c.Flags().IntVar(&f.nodes, "nodes", 3, "how many nodes the first run makes")
	c.Flags().IntVar(&f.shards, "shards", 1, "how many shards the exchange is to have at least; markets move to those that are added")
	c.Flags().StringVar(&f.dir, "data", "data/cluster", "directory for all of them")
	c.Flags().IntVar(&f.basePort, "base-port", 0, "port of the first node's API, the others' 10 above each (default: 8080, and 7000 for peers)")
	return c
}

func (f *localFlags) run(w io.Writer) (err error) {
	if f.nodes < 1 || f.nodes > 99 {
		return fmt.Errorf("--nodes %d: 1 to 99", f.nodes)
	}
	if f.shards < 1 || f.shards > 99 {
		return fmt.Errorf("--shards %d: 1 to 99", f.shards)
	}
	binary, err := os.Executable()
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	k, err := cluster.Start(cluster.Options{Nodes: f.nodes, Shards: f.shards, Binary: binary, Dir: f.dir, Hosts: f.hosts(), TraderDeposits: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, k.Close()) }()
	fmt.Fprintf(w, "Starting %d nodes in %s.\n", len(k.Nodes()), f.dir)
	if err := waitReady(ctx, k); err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	fmt.Fprint(w, f.explain(k, binary))
	watchEnds(ctx, w, k, binary)
	stop() // a second Ctrl-C ends the program, and the nodes with it
	fmt.Fprintln(w, "\nStopping all nodes. Press Ctrl-C again to stop at once.")
	if err := shutdown(k); err != nil {
		return err
	}
	fmt.Fprintln(w, "Stopped. Everything that was acknowledged is on disk.")
	return nil
}

// hosts are the addresses of nodes that are made: all on loopback.
func (f *localFlags) hosts() (all []string) {
	for i := range f.nodes {
		host := "127.0.0.1"
		if f.basePort != 0 {
			host += ":" + strconv.Itoa(f.basePort+10*i)
		}
		all = append(all, host)
	}
	return all
}

func waitReady(ctx context.Context, k *cluster.Cluster) error {
	const patience = 2 * time.Minute // a long log may have to be replayed
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return k.Wait(ctx)
}

// explain says where the nodes are and what to try.
func (f *localFlags) explain(k *cluster.Cluster, binary string) string {
	var b strings.Builder
	rows := [][]string{{"node", "pid", "API", "operator's API", "log"}}
	for _, n := range k.Nodes() {
		rows = append(rows, []string{
			strconv.Itoa(n.Number), strconv.Itoa(n.Pid()), "http://" + n.Addr + "/api", "http://" + n.AdminAddr + "/api/admin", n.LogFile,
		})
	}
	b.WriteString("\n")
	writeColumns(&b, "  ", rows)
	n := k.Nodes()[0]
	fmt.Fprintf(&b, `
Every node takes every request. To try, in another terminal:

  %[1]s cluster status --dir %[2]s --watch
  %[1]s shard add --dir %[2]s        spreads the markets over one more shard
  kill -9 %[3]d                                  ends node %[4]d as a power cut would
  %[1]s serve --config %[5]s
                                                brings it back, and it catches up

The operator's key is in %[2]s/secrets/admin.key. Ctrl-C stops all nodes.

`, binary, f.dir, n.Pid(), n.Number, n.Config)
	return b.String()
}

// watchEnds says when a node ends and why, until ctx is done. The others go on.
func watchEnds(ctx context.Context, w io.Writer, k *cluster.Cluster, binary string) {
	ended := make(chan *cluster.Node)
	for _, n := range k.Nodes() {
		go func() {
			select {
			case <-n.Ended():
			case <-ctx.Done():
				return
			}
			select {
			case ended <- n:
			case <-ctx.Done():
			}
		}()
	}
	for {
		select {
		case n := <-ended:
			fmt.Fprintf(w, "%v\nTo bring it back: %s serve --config %s\n\n", n.Why(), binary, n.Config)
		case <-ctx.Done():
			return
		}
	}
}

// shutdown lets all nodes that run end in order.
func shutdown(k *cluster.Cluster) error {
	const grace = 20 * time.Second
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	nodes := k.Nodes()
	errs := make([]error, len(nodes))
	var all sync.WaitGroup
	for i, n := range nodes {
		if n.Running() {
			all.Go(func() { errs[i] = n.Shutdown(ctx) })
		}
	}
	all.Wait()
	return errors.Join(errs...)
}
