package setup

import (
	"fmt"
	"net"
	"path/filepath"
	"strconv"

	"github.com/hustings/hustings/config"
	"github.com/hustings/hustings/node"
	"github.com/hustings/hustings/peer"
	"github.com/hustings/hustings/vfs"
)

// Node is a node that is to be.
type Node struct {
	Number uint16
	Host   string // name or IP address at which the others and traders find it
	// BasePort is the port of its API; the operator's API and the other nodes have the two after it. 0: 8080, 8081 and
	// 7000, or what is free above them for a further node of the same host.
	BasePort int
	Region   string
}

// Ports of the first node of a host, and how far those of the next are.
const (
	apiPort, apiStep   = 8080, 10
	peerPort, peerStep = 7000, 1
)

// planned is a node with its addresses.
type planned struct {
	Node
	listen config.Listen
}

func distinct(nodes []Node) error {
	seen := map[uint16]bool{}
	for _, n := range nodes {
		switch {
		case n.Number == 0:
			return fmt.Errorf("nodes are numbered from 1")
		case n.Host == "":
			return fmt.Errorf("node %d needs a host", n.Number)
		case seen[n.Number]:
			return fmt.Errorf("node %d is there twice", n.Number)
		case n.BasePort < 0 || n.BasePort > 65_533:
			return fmt.Errorf("node %d: %d is no port that has two after it", n.Number, n.BasePort)
		}
		seen[n.Number] = true
	}
	return nil
}

// plan gives nodes their addresses, none of which a known one has.
func plan(nodes []Node, known []planned) (all []planned) {
	taken := map[config.Address]bool{}
	take := func(p planned) {
		taken[p.listen.API], taken[p.listen.Admin], taken[p.listen.Peers] = true, true, true
	}
	for _, p := range known {
		take(p)
	}
	for _, n := range nodes {
		p := planned{n, listenAt(n.Host, n.BasePort, n.BasePort+1, n.BasePort+2)}
		for i := 0; n.BasePort == 0; i++ {
			p.listen = listenAt(n.Host, apiPort+apiStep*i, apiPort+apiStep*i+1, peerPort+peerStep*i)
			if !taken[p.listen.API] && !taken[p.listen.Admin] && !taken[p.listen.Peers] {
				break
			}
		}
		take(p)
		all = append(all, p)
	}
	return all
}

func listenAt(host string, api, admin, peers int) config.Listen {
	at := func(port int) config.Address { return config.Address(net.JoinHostPort(host, strconv.Itoa(port))) }
	return config.Listen{API: at(api), Admin: at(admin), Peers: at(peers)}
}

func members(nodes []planned) (all []config.Member) {
	for _, p := range nodes {
		all = append(all, config.Member{Node: p.Number, Peers: p.listen.Peers})
	}
	return all
}

// makeNode fills the directory of a node of the exchange in dir.
func makeNode(dir, home string, p planned, o Options, members []config.Member) error {
	if err := vfs.OS.MkdirAll(home); err != nil {
		return err
	}
	err := peer.MakeCertificate(filepath.Join(dir, authorityDir), filepath.Join(home, tlsDir), peer.Node(p.Number), p.Host)
	if err != nil {
		return err
	}
	if err := copySecrets(SecretsIn(dir), node.SecretsIn(home)); err != nil {
		return err
	}
	f := config.Defaults()
	f.Node, f.Region, f.Listen, f.Members = p.Number, p.Region, p.listen, members
	if o.Deposits != "" {
		f.Deposits = o.Deposits
	}
	if o.Timing != (config.Timing{}) {
		f.Timing = o.Timing
	}
	if o.Limits.Tier != "" {
		f.Limits = o.Limits
	}
	if !o.OpenAdmin {
		f.Listen.Admin = onLoopback(f.Listen.Admin)
	}
	text, err := config.Format(f)
	if err != nil {
		return err
	}
	path := filepath.Join(home, ConfigFile)
	if err := vfs.WriteFile(vfs.OS, path, text); err != nil {
		return err
	}
	_, err = config.Load(path) // what cannot be used is told now, not on the machine it is copied to
	return err
}

func copySecrets(from, to node.Secrets) error {
	for source, target := range map[string]string{
		from.Admin: to.Admin, from.Gateway: to.Gateway, from.Checkpoint: to.Checkpoint, from.CheckpointPub(): to.CheckpointPub(),
	} {
		content, err := vfs.ReadFile(vfs.OS, source)
		if err != nil {
			return err
		}
		if err := vfs.WriteFile(vfs.OS, target, content); err != nil {
			return err
		}
	}
	return nil
}

// onLoopback is the address with the same port that only this machine can connect to.
func onLoopback(a config.Address) config.Address {
	host, port, err := net.SplitHostPort(string(a))
	if ip := net.ParseIP(host); err != nil || host == "localhost" || ip.IsLoopback() {
		return a
	}
	return config.Address(net.JoinHostPort("127.0.0.1", port))
}
