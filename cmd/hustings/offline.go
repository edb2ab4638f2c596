package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/node"
	"github.com/hustings/hustings/vfs"
)

// offline is what the commands that examine files have in common.
type offline struct {
	data   string
	asJSON bool
}

func (o *offline) flags(c *cobra.Command) {
	c.Flags().StringVar(&o.data, "data", "data", "directory of the exchange's data, or of one of its shards")
	c.Flags().BoolVar(&o.asJSON, "json", false, "print a JSON object as the last line, for each shard")
	c.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return exitError{err, exitUnchecked} })
}

// shardFiles is a directory with the files of a shard.
type shardFiles struct {
	id  exchange.ShardID
	dir string
}

// shards are the shards to be examined: all of a node, or the one whose directory was named itself.
func (o *offline) shards() ([]shardFiles, error) {
	for _, part := range []string{"wal", "journal"} {
		if _, err := os.Stat(filepath.Join(o.data, part)); err == nil {
			id, _ := node.ShardOf(o.data)
			return []shardFiles{{max(id, exchange.HomeShard), o.data}}, nil
		}
	}
	ids, err := node.ShardsIn(vfs.OS, o.data)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(ids) == 0 {
		ids, err = []exchange.ShardID{exchange.HomeShard}, nil // whoever looks for its files says that there are none
	}
	var all []shardFiles
	for _, id := range ids {
		all = append(all, shardFiles{id, node.ShardDir(o.data, id)})
	}
	return all, err
}

// each examines all shards, one after the other. A shard with damage does not keep the others from being examined.
func (o *offline) each(examine func(shardFiles) (clean bool, err error)) error {
	all, err := o.shards()
	if err != nil {
		return err
	}
	clean := true
	for _, s := range all {
		well, err := examine(s)
		if err != nil {
			return err
		}
		clean = clean && well
	}
	if !clean {
		return exitError{code: exitDamaged}
	}
	return nil
}
