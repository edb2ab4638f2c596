// Package config reads the file with which a node of an exchange is run, and writes one. It knows what can be set,
// what holds where nothing is, and what cannot be; it starts nothing and makes no directory.
//
// The file is TOML. It is read strictly: a name that is not known is an error, and every error says in which file, at
// which line, and what to do. Paths in it are relative to the file.
package config

import (
	"time"
)

// File is the settings of a node, all paths resolved. docs/configuration.md lists them.
type File struct {
	Node       uint16   `toml:"node"`        // 1 and up; others know this node by it
	Data       string   `toml:"data"`        // directory of the node's data
	Region     string   `toml:"region"`      // where the node stands; may be empty
	Deposits   string   `toml:"deposits"`    // who may pay money in: Operator or Traders
	AccessLog  bool     `toml:"access_log"`  // log every request
	DrainDelay Duration `toml:"drain_delay"` // how long readiness fails before the listeners close

	Listen  Listen   `toml:"listen"`
	TLS     TLS      `toml:"tls"`
	Secrets Secrets  `toml:"secrets"`
	Timing  Timing   `toml:"timing"`
	Feed    Feed     `toml:"feed"`
	Members []Member `toml:"member"`
}

// Who may pay money in.
const (
	Operator = "operator"
	Traders  = "traders" // by themselves: play money
)

// Listen is the addresses at which a node listens.
type Listen struct {
	API   Address `toml:"api"`
	Admin Address `toml:"admin"`
	Peers Address `toml:"peers"`
}

// TLS is the PEM files with which nodes show each other who they are.
type TLS struct {
	Authority   string `toml:"authority"`
	Certificate string `toml:"certificate"`
	Key         string `toml:"key"`
}

// Secrets is the files that all nodes of an exchange have and nobody else.
type Secrets struct {
	Admin      string `toml:"admin"`
	Gateway    string `toml:"gateway"`
	Checkpoint string `toml:"checkpoint"`
}

// Timing says how soon a leader that is silent is replaced.
type Timing struct {
	Heartbeat Duration `toml:"heartbeat"`
	Election  Duration `toml:"election"`
}

// Feed bounds what connections to the feed may have.
type Feed struct {
	Origins       string `toml:"origins"`       // of browsers' pages that may connect beside the exchange's own, separated by spaces; "*": all
	Connections   uint32 `toml:"connections"`   // at once
	Subscriptions uint32 `toml:"subscriptions"` // of one connection, a channel of a market each
	Queue         uint32 `toml:"queue"`         // bytes that wait for one connection before messages are left out
	Requests      uint32 `toml:"requests"`      // of one connection in a second
	Ring          uint32 `toml:"ring"`          // messages of a chain that are kept for those who resume
}

// Member is another node, or this one, and where it listens for others.
type Member struct {
	Node  uint16  `toml:"node"`
	Peers Address `toml:"peers"`
}

// Defaults are the settings of a file that says nothing. Node, Listen.Peers and Members have none.
func Defaults() File {
	return File{
		Data: "data", Deposits: Operator,
		Listen:  Listen{API: "127.0.0.1:8080", Admin: "127.0.0.1:8081"},
		TLS:     TLS{Authority: "tls/authority.pem", Certificate: "tls/node.pem", Key: "tls/node.key"},
		Secrets: Secrets{Admin: "admin.key", Gateway: "gateway.secret", Checkpoint: "checkpoint.key"},
		Timing:  Timing{Heartbeat: Duration(5 * time.Millisecond), Election: Duration(100 * time.Millisecond)},
		Feed:    Feed{Connections: 50_000, Subscriptions: 50_000, Queue: 256 << 10, Requests: 200, Ring: 256},
	}
}
