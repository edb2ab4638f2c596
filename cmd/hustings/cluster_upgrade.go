package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
)

// newClusterUpgradeCommand ends an upgrade of all nodes.
func newClusterUpgradeCommand() *cobra.Command {
	var o operator
	var version uint32
	c := &cobra.Command{
		Use:   "upgrade",
		Short: "Switch on what the programs of all nodes know",
		Long: `Switch on the rules of a later version, when every node runs a program that knows them. Until then all nodes go by the
rules that are in force, so that old and new programs work together. There is no way back to a program that does not
know them: it would stop and say so. The command does nothing, and says why, while a member does not answer or does not know
them.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			var status api.Cluster
			err := o.asked(changePatience, func(ctx context.Context, c *client.Client) (err error) {
				status, err = c.SwitchRules(ctx, version)
				return err
			})
			if err != nil {
				return err
			}
			for _, s := range status.Shards {
				fmt.Fprintf(c.OutOrStdout(), "Rules %d are in force on shard %d.\n", s.Rules, s.Shard)
			}
			return nil
		},
	}
	o.flags(c.Flags())
	c.Flags().Uint32Var(&version, "rules", 0, "version of the rules (default: the latest that all nodes know)")
	return c
}
