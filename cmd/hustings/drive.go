package main

import "github.com/spf13/cobra"

// newDriveCommand sends recordings of other venues through an exchange.
func newDriveCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "drive",
		Short: "Send recorded order flow through an exchange and reconcile what comes back",
		Args:  cobra.NoArgs,
	}
	c.AddCommand(newDriveLobsterCommand())
	return c
}
