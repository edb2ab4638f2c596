package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
	"github.com/hustings/hustings/config"
	"github.com/hustings/hustings/node"
	"github.com/hustings/hustings/setup"
)

// newClusterCommand is for exchanges on several machines.
func newClusterCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "cluster",
		Short: "Make, watch and change an exchange on several machines",
		Args:  cobra.NoArgs,
	}
	c.AddCommand(newClusterCreateCommand(), newClusterLocalCommand(), newClusterStatusCommand())
	c.AddCommand(newClusterChangeCommands()...)
	return c
}

// operator finds a node whose operator's API answers.
type operator struct {
	dir     string
	admin   []string
	keyFile string
	trust   trust
}

func (o *operator) flags(f *pflag.FlagSet) {
	f.StringVar(&o.dir, "dir", ".", "directory of a node, or the one of cluster create with all of them: says whom to ask, and the key")
	f.StringSliceVar(&o.admin, "admin", nil, "URL of a node's operator API to ask instead, such as http://127.0.0.1:8081; several are tried in order")
	f.StringVar(&o.keyFile, "key-file", "", "file with the operator's key (default: that of --dir)")
	o.trust.flags(f)
}

// How long an answer may take. A node that waits for others answers nothing.
const (
	askPatience    = 3 * time.Second
	changePatience = 20 * time.Second // it may have to be made by a leader that is to be elected yet
)

// asked runs what an operator asks for until it is answered or interrupted.
func (o *operator) asked(patience time.Duration, call func(context.Context, *client.Client) error) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	return o.do(ctx, patience, call)
}

// do lets call ask one node after another until one gives an answer that another one could not better.
func (o *operator) do(ctx context.Context, patience time.Duration, call func(context.Context, *client.Client) error) error {
	urls, key, err := o.find()
	if err != nil {
		return err
	}
	secure, err := o.trust.config()
	if err != nil {
		return err
	}
	var refused error
	var failed []error
	for _, url := range urls {
		cl, err := client.New(url, client.Options{Token: key, Tries: 1, Patience: patience, TLS: secure})
		if err != nil {
			return err
		}
		err = call(ctx, cl)
		cl.Close()
		switch {
		case err == nil || ctx.Err() != nil:
			return err
		case onlyThere(err):
			refused = plainly(err)
		case client.Code(err) != "":
			return plainly(err)
		}
		failed = append(failed, fmt.Errorf("%s: %w", url, err))
	}
	if refused != nil {
		return refused
	}
	return fmt.Errorf("no node answers: start one, or name another with --admin\n%w", errors.Join(failed...))
}

// onlyThere reports whether another node may answer better: one that is cut off has no leader while the rest has one.
func onlyThere(err error) bool {
	var refused *client.Error
	return errors.As(err, &refused) && (refused.Status == 503 || refused.Code == api.CodeNotLeader.Code || refused.Code == api.CodeSeizeElsewhere.Code)
}

// plainError is what a refusal says, without its status.
type plainError struct{ refused *client.Error }

func (e plainError) Error() string { return fmt.Sprintf("%s (%s)", e.refused.Detail, e.refused.Code) }
func (e plainError) Unwrap() error { return e.refused }

func plainly(err error) error {
	var refused *client.Error
	if errors.As(err, &refused) {
		return plainError{refused}
	}
	return err
}

// find returns the addresses to try and the operator's key.
func (o *operator) find() (urls []string, key string, err error) {
	keyFile := o.keyFile
	if urls = o.admin; len(urls) == 0 || keyFile == "" {
		nodes, err := o.nodes()
		if err != nil {
			return nil, "", err
		}
		if keyFile == "" {
			keyFile = nodes[0].Secrets.Admin
		}
		for _, n := range nodes {
			if len(o.admin) == 0 {
				urls = append(urls, scheme(n.HTTPS.Certificate != "")+"://"+string(n.Listen.Admin))
			}
		}
	}
	text, err := os.ReadFile(keyFile)
	if err != nil {
		return nil, "", fmt.Errorf("reading the operator's key: %w", err)
	}
	return urls, strings.TrimSpace(string(text)), nil
}

// nodes returns the configurations that are in the directory.
func (o *operator) nodes() (all []*config.File, err error) {
	made, err := setup.List(o.dir)
	if err != nil {
		return nil, err
	}
	for _, m := range made {
		all = append(all, m.File)
	}
	if len(all) > 0 {
		return all, nil
	}
	f, err := config.Load(filepath.Join(o.dir, setup.ConfigFile))
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("there is no node in %s: name its directory with --dir, or its operator's API with --admin and --key-file (%s)",
			o.dir, node.AdminKeyFile)
	}
	return []*config.File{f}, err
}
