package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
)

// newClusterSyncCommand makes a member a synchronous copy.
func newClusterSyncCommand() *cobra.Command {
	return changeCommand("sync NUMBER", "Let every answer wait for a member",
		`Make a member a synchronous copy: nothing is answered before it is on that member's disk too, beside a majority of the
voters. With such a copy in another region nothing that was answered is lost with all voters at once. Every order then
takes the time of the way there and back, and none is answered while the member is out of reach.`,
		synchronize)
}

// synchronize makes a member a synchronous copy as soon as it has caught up.
func synchronize(ctx context.Context, w io.Writer, o *operator, arg string) error {
	const pause = 200 * time.Millisecond
	n, err := strconv.ParseUint(arg, 10, 16)
	if err != nil || n == 0 {
		return fmt.Errorf("%q is no number of a node", arg)
	}
	said := false
	for {
		lags := false
		err := o.do(ctx, changePatience, func(ctx context.Context, c *client.Client) error {
			_, err := c.SetSynchronous(ctx, uint16(n), true)
			lags = client.Code(err) == api.CodeMemberLags.Code
			return err
		})
		if err == nil {
			fmt.Fprintf(w, "Node %d is a synchronous copy: nothing is answered before it has it.\n", n)
			return nil
		}
		if !lags {
			return err
		}
		if !said {
			fmt.Fprintf(w, "Node %d has not caught up yet. Nothing waits for it until it has.\n", n)
			said = true
		}
		select {
		case <-ctx.Done():
			return errors.Join(errors.New("interrupted: the node is no synchronous copy"), err)
		case <-time.After(pause):
		}
	}
}
