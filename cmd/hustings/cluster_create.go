package main

import (
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/hustings/hustings/config"
	"github.com/hustings/hustings/setup"
)

// createFlags is what cluster create is told.
type createFlags struct {
	out                 string
	nodes, add          []string
	regions             map[string]string
	deposits            string
	heartbeat, election time.Duration
	openAdmin           bool
}

func newClusterCreateCommand() *cobra.Command {
	var f createFlags
	c := &cobra.Command{
		Use:   "create --out DIR --node NUMBER=HOST[:BASEPORT] …",
		Short: "Make certificates, secrets and a configuration for each node",
		Long: `Make all that the nodes of a new exchange need: an authority and a certificate each, the secrets that they share, and
a configuration. With --add, make a directory for a further node of an exchange that was made before.

A node's API listens at HOST:8080, the operator's at 127.0.0.1:8081, and other nodes connect to HOST:7000; or at BASEPORT
and the two ports after it. Further nodes of the same host get other ports.`,
		Example: `  hustings cluster create --out exchange --node 1=10.0.0.1 --node 2=10.0.0.2 --node 3=10.0.0.3
  hustings cluster create --out exchange --add 4=10.0.0.4`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return f.run(c.OutOrStdout()) },
	}
	flags := c.Flags()
	flags.StringVar(&f.out, "out", "exchange", "directory to make everything in")
	flags.StringArrayVar(&f.nodes, "node", nil, "a node of the new exchange: NUMBER=HOST or NUMBER=HOST:BASEPORT")
	flags.StringArrayVar(&f.add, "add", nil, "a further node of the exchange that is in the directory, like --node")
	flags.StringToStringVar(&f.regions, "region", nil, "where a node stands: NUMBER=NAME")
	flags.StringVar(&f.deposits, "deposits", config.Operator, "who may pay money in: operator, or traders (play money)")
	flags.DurationVar(&f.heartbeat, "heartbeat", time.Duration(config.Defaults().Timing.Heartbeat), "how often a leader lets the others hear from it")
	flags.DurationVar(&f.election, "election", time.Duration(config.Defaults().Timing.Election), "how long they wait for it")
	flags.BoolVar(&f.openAdmin, "open-admin", false, "the operator's API listens at HOST, not on loopback only: for networks that nobody else is on")
	c.MarkFlagsMutuallyExclusive("node", "add")
	c.MarkFlagsOneRequired("node", "add")
	return c
}

func (f *createFlags) run(w io.Writer) error {
	o := setup.Options{
		Deposits: f.deposits, OpenAdmin: f.openAdmin,
		Timing: config.Timing{Heartbeat: config.Duration(f.heartbeat), Election: config.Duration(f.election)},
	}
	for _, text := range append(f.nodes, f.add...) {
		n, err := parseNode(text)
		if err != nil {
			return err
		}
		n.Region = f.regions[strconv.Itoa(int(n.Number))]
		o.Nodes = append(o.Nodes, n)
	}
	made := setup.Create
	if len(f.add) > 0 {
		made = setup.Add
	}
	if err := made(f.out, o); err != nil {
		return err
	}
	all, err := setup.List(f.out)
	if err != nil {
		return err
	}
	var b strings.Builder
	f.explain(&b, all, o.Nodes)
	_, err = io.WriteString(w, b.String())
	return err
}

// parseNode reads NUMBER=HOST[:BASEPORT].
func parseNode(text string) (n setup.Node, err error) {
	number, host, _ := strings.Cut(text, "=")
	v, err := strconv.ParseUint(number, 10, 16)
	if err != nil || v == 0 || host == "" {
		return n, fmt.Errorf("%q is no node: write its number and host, such as 1=10.0.0.1 or 1=10.0.0.1:9000", text)
	}
	n = setup.Node{Number: uint16(v), Host: host}
	if name, port, err := net.SplitHostPort(host); err == nil {
		n.Host = name
		if n.BasePort, err = strconv.Atoi(port); err != nil || n.BasePort <= 0 {
			return n, fmt.Errorf("%q: %s is no port", text, port)
		}
	}
	n.Host = strings.Trim(n.Host, "[]")
	return n, nil
}

// explain says what was made, what to copy where and what to start.
func (f *createFlags) explain(b *strings.Builder, all []setup.Made, asked []setup.Node) {
	hosts := map[uint16]string{}
	for _, n := range asked {
		hosts[n.Number] = n.Host
	}
	table := [][]string{{"node", "API", "operator's API", "other nodes", "directory"}}
	var copies, starts []string
	for _, m := range all {
		host, ok := hosts[m.File.Node]
		if !ok {
			continue
		}
		l := m.File.Listen
		table = append(table, []string{strconv.Itoa(int(m.File.Node)), string(l.API), string(l.Admin), string(l.Peers), m.Dir})
		if ip := net.ParseIP(host); host == "localhost" || ip.IsLoopback() {
			starts = append(starts, "  hustings serve --config "+filepath.Join(m.Dir, setup.ConfigFile))
			continue
		}
		copies = append(copies, fmt.Sprintf("  scp -rp %s %s:", m.Dir, host))
		starts = append(starts, fmt.Sprintf("  on %s:  hustings serve --config %s/%s", host, filepath.Base(m.Dir), setup.ConfigFile))
	}
	b.WriteString("Made in " + f.out + ":\n\n")
	writeColumns(b, "  ", table)
	if len(copies) > 0 {
		b.WriteString("\nCopy each node's directory to its machine:\n\n" + strings.Join(copies, "\n") + "\n")
	}
	b.WriteString("\nStart them, in any order:\n\n" + strings.Join(starts, "\n") + "\n")
	if len(f.add) > 0 {
		b.WriteString("\nThen let the exchange know of it, from the directory of a node that is a member:\n\n")
		for _, n := range asked {
			fmt.Fprintf(b, "  hustings cluster add %d=%s\n", n.Number, peersOf(all, n.Number))
		}
		return
	}
	fmt.Fprintf(b, "\nSee how they are, in the directory of any of them:\n\n  hustings cluster status\n\n"+
		"Keep %s and %s: they make directories for further nodes, and whoever\nhas them can be one.\n",
		filepath.Join(f.out, "authority"), filepath.Join(f.out, "secrets"))
}

func peersOf(all []setup.Made, number uint16) config.Address {
	for _, m := range all {
		if m.File.Node == number {
			return m.File.Listen.Peers
		}
	}
	return ""
}
