// Package setup makes the directories with which the nodes of an exchange are started on their machines: certificates,
// secrets and a configuration each. It starts nothing, and no node needs it once it runs.
//
// What is made in a directory:
//
//	authority/   makes certificates; whoever has its key can make himself a node, so it stays at home
//	secrets/     what all nodes share: admin.key, gateway.secret, checkpoint.key, checkpoint.pub
//	node-1/      all that node 1 needs: hustings.toml, tls/, and a copy of the secrets
//	node-2/ …
package setup

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hustings/hustings/config"
	"github.com/hustings/hustings/node"
	"github.com/hustings/hustings/peer"
	"github.com/hustings/hustings/vfs"
)

const (
	authorityDir = "authority"
	secretsDir   = "secrets"
	tlsDir       = "tls"

	// ConfigFile is the name of a node's configuration in its directory.
	ConfigFile = "hustings.toml"
)

// Options say how the nodes are to be.
type Options struct {
	Nodes     []Node
	Deposits  string        // config.Operator (default) or config.Traders
	Timing    config.Timing // zero: the defaults
	Limits    config.Limits // zero: the defaults
	OpenAdmin bool          // the operator's API listens at the host's address; otherwise on loopback only
}

// Made is a directory that was made.
type Made struct {
	Dir  string
	File *config.File // its configuration
}

// SecretsIn are the secrets of the exchange whose nodes were made in dir.
func SecretsIn(dir string) node.Secrets { return node.SecretsIn(filepath.Join(dir, secretsDir)) }

// Create makes a new exchange in dir, which must be empty or not there. After an error dir is as it was.
func Create(dir string, o Options) error {
	if err := checkNew(dir, o.Nodes); err != nil {
		return err
	}
	all := plan(o.Nodes, nil)
	return staged(dir, func(dir string) error {
		if err := peer.MakeAuthority(filepath.Join(dir, authorityDir)); err != nil {
			return err
		}
		if err := vfs.OS.MkdirAll(filepath.Join(dir, secretsDir)); err != nil {
			return err
		}
		if err := node.MakeSecrets(vfs.OS, SecretsIn(dir)); err != nil {
			return err
		}
		for _, p := range all {
			if err := makeNode(dir, nodeDir(dir, p.Number), p, o, members(all)); err != nil {
				return err
			}
		}
		return nil
	})
}

func checkNew(dir string, nodes []Node) error {
	if len(nodes) == 0 {
		return errors.New("an exchange needs a node")
	}
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if len(entries) > 0 {
		return fmt.Errorf("%s is not empty: choose another directory, or add nodes to the exchange that is there", dir)
	}
	return distinct(nodes)
}

// Add makes directories for further nodes of the exchange that was made in dir. They join it when it is told about them.
func Add(dir string, o Options) error {
	have, err := List(dir)
	if err != nil {
		return err
	}
	if len(have) == 0 {
		return fmt.Errorf("there is no exchange in %s: create one", dir)
	}
	if err := distinct(o.Nodes); err != nil {
		return err
	}
	var known []planned
	for _, m := range have {
		known = append(known, planned{Node: Node{Number: m.File.Node}, listen: m.File.Listen})
	}
	for _, p := range plan(o.Nodes, known) {
		home := nodeDir(dir, p.Number)
		if _, err := os.Stat(home); !errors.Is(err, fs.ErrNotExist) {
			return errors.Join(err, fmt.Errorf("%s is there already: to make node %d anew, move it away", home, p.Number))
		}
		err := staged(home, func(home string) error { return makeNode(dir, home, p, o, members(known)) })
		if err != nil {
			return err
		}
	}
	return nil
}

// List returns the nodes that were made in dir, by number; none if there is no exchange.
func List(dir string) ([]Made, error) {
	files, err := filepath.Glob(filepath.Join(escape(dir), "node-*", ConfigFile))
	if err != nil {
		return nil, err
	}
	var all []Made
	for _, path := range files {
		f, err := config.Load(path)
		if err != nil {
			return nil, err
		}
		all = append(all, Made{filepath.Dir(path), f})
	}
	slices.SortFunc(all, func(a, b Made) int { return int(a.File.Node) - int(b.File.Node) })
	return all, nil
}

func nodeDir(dir string, number uint16) string {
	return filepath.Join(dir, fmt.Sprintf("node-%d", number))
}

// escape makes a path that Glob takes for what it is.
func escape(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

// staged lets make fill a directory under another name, and gives it its own when it is whole.
func staged(dir string, make func(dir string) error) (err error) {
	staging := dir + ".new"
	if err := os.RemoveAll(staging); err != nil { // left by one that was interrupted
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(staging))
		}
	}()
	if err := vfs.OS.MkdirAll(staging); err != nil {
		return err
	}
	if err := make(staging); err != nil {
		return err
	}
	if err := os.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) { // it is empty, or this fails
		return err
	}
	return os.Rename(staging, dir)
}
