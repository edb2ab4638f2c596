package desk

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/hustings/hustings/api"
)

func newKeysCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "keys",
		Short: "Make, list and revoke API keys",
		Args:  cobra.NoArgs,
	}
	c.AddCommand(newKeysListCommand(), newKeysCreateCommand(), newKeysRevokeCommand())
	return c
}

func newKeysListCommand() *cobra.Command {
	c := &cobra.Command{Use: "list", Short: "List your API keys", Args: cobra.NoArgs}
	return command(c, func(ctx context.Context, d *desk, _ []string) error {
		trader, err := d.trader()
		if err != nil {
			return err
		}
		k, err := trader.Keys(ctx)
		if err != nil {
			return err
		}
		return d.show(k, d.drawKeys(k.Keys))
	})
}

func (d *desk) drawKeys(keys []api.Key) string {
	if len(keys) == 0 {
		return "You have no API keys. hustings keys create makes one.\n"
	}
	t := table{columns: []column{{"key", true, false}, {"label", false, true}, {"permissions", false, false}, {"made", false, false}, {"expires", false, false}}}
	for _, k := range keys {
		t.add(text(k.Key.String()), text(k.Label), text(strings.Join(k.Permissions, ", ")), text(when(k.CreatedAt, now())), text(when(k.ExpiresAt, now())))
	}
	return t.draw(d.screen)
}

func newKeysCreateCommand() *cobra.Command {
	var label string
	var readOnly bool
	var expires time.Duration
	c := &cobra.Command{
		Use:   "create",
		Short: "Make an API key for a program",
		Long:  `Make an API key for a program. Its secret is shown once, and nobody can show it again.`,
		Args:  cobra.NoArgs,
	}
	c.Flags().StringVar(&label, "label", "", "what it is for, to tell it from others")
	c.Flags().BoolVar(&readOnly, "read-only", false, "it may look and not trade")
	c.Flags().DurationVar(&expires, "expires", 0, "how long it is valid, such as 720h (default: 365 days)")
	return command(c, func(ctx context.Context, d *desk, _ []string) error {
		trader, err := d.trader()
		if err != nil {
			return err
		}
		k := api.CreateKey{Label: label}
		if readOnly {
			k.Permissions = []string{api.PermissionRead}
		}
		if expires > 0 {
			k.ExpiresAt = api.Time(now().Add(expires).UnixNano())
		}
		a, err := trader.CreateKey(ctx, "", k)
		if err != nil {
			return err
		}
		return d.show(a, fmt.Sprintf("%s\n  This is key %s (%s), valid until %s. Keep it: it is not shown again.\n  A program sends it as Authorization: Bearer …; "+
			"the commands of hustings take it from HUSTINGS_KEY.\n", a.Secret, a.Key, strings.Join(a.Permissions, ", "), when(a.ExpiresAt, now())))
	})
}

func newKeysRevokeCommand() *cobra.Command {
	c := &cobra.Command{Use: "revoke KEY", Short: "End an API key at once", Args: cobra.ExactArgs(1)}
	return command(c, func(ctx context.Context, d *desk, args []string) error {
		key, err := id("key", args[0])
		if err != nil {
			return err
		}
		trader, err := d.trader()
		if err != nil {
			return err
		}
		a, err := trader.RevokeKey(ctx, key)
		if err != nil {
			return err
		}
		return d.show(a, fmt.Sprintf("Key %s is revoked.\n", a.Key))
	})
}
