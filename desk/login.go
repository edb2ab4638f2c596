package desk

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
)

func newRegisterCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "register NAME",
		Short:   "Make an account and log in",
		Long:    `Make an account, and log in to it. The password is read from the terminal, or is the first line of a pipe.`,
		Example: "  hustings register ada",
		Args:    cobra.ExactArgs(1),
	}
	return command(c, func(ctx context.Context, d *desk, args []string) error {
		guest, err := d.guest()
		if err != nil {
			return err
		}
		password, err := d.secret("Password for " + args[0] + " (8 to 128 characters): ")
		if err != nil {
			return err
		}
		if _, err := guest.Register(ctx, args[0], password); err != nil {
			return err
		}
		return d.login(ctx, guest, args[0], password)
	})
}

func newLoginCommand() *cobra.Command {
	var byKey bool
	c := &cobra.Command{
		Use:   "login NAME | --key",
		Short: "Log in, and stay so for 24 hours",
		Long: `Log in with a name and a password, for 24 hours; or with an API key, for as long as that is valid. Either is read from
the terminal, or is the first line of a pipe. What is needed to stay logged in is kept in a file that only you can
read, hustings/config.toml in your directory of configuration. The key of the environment, HUSTINGS_KEY, goes first.`,
		Example: "  hustings login ada\n  hustings login --key < ada.key",
		Args:    cobra.MaximumNArgs(1),
	}
	c.Flags().BoolVar(&byKey, "key", false, "with an API key instead of a name")
	return command(c, func(ctx context.Context, d *desk, args []string) error {
		if byKey == (len(args) == 1) {
			return failure(exitUsage, "name an account, or say --key")
		}
		guest, err := d.guest()
		if err != nil {
			return err
		}
		if byKey {
			return d.loginByKey(ctx, guest)
		}
		password, err := d.secret("Password for " + args[0] + ": ")
		if err != nil {
			return err
		}
		return d.login(ctx, guest, args[0], password)
	})
}

func (d *desk) login(ctx context.Context, guest *client.Client, name, password string) error {
	session, err := guest.Login(ctx, name, password)
	if err != nil {
		return err
	}
	if err := writeProfile(d.path, profile{API: d.addresses, Name: name, Key: session.Secret}); err != nil {
		return err
	}
	a, err := guest.As(session.Secret).Fresh().Account(ctx)
	if err != nil {
		return err
	}
	return d.show(a, greeting(&a, "until "+when(session.ExpiresAt, now())))
}

func (d *desk) loginByKey(ctx context.Context, guest *client.Client) error {
	key, err := d.secret("API key: ")
	if err != nil {
		return err
	}
	a, err := guest.As(key).Account(ctx)
	if err != nil {
		return err
	}
	if err := writeProfile(d.path, profile{API: d.addresses, Name: a.Name, Key: key}); err != nil {
		return err
	}
	return d.show(a, greeting(&a, "for as long as the key is valid"))
}

func greeting(a *api.AccountInfo, until string) string {
	next := "hustings markets shows where to trade."
	if a.Cash == 0 && a.Held == 0 {
		next = "hustings deposit 100 pays money in, where traders may."
	}
	return fmt.Sprintf("You are %s, with %s of cash, %s.\n  %s\n", a.Name, money(a.Cash), until, next)
}

func newLogoutCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "logout",
		Short: "Log out, and end the session",
		Long:  `Forget the key that login has kept, and have the exchange revoke it.`,
		Args:  cobra.NoArgs,
	}
	return command(c, func(ctx context.Context, d *desk, _ []string) error {
		p := d.profile
		if p.Key == "" {
			return errNoLogin
		}
		if len(p.API) > 0 {
			d.addresses = p.API
		}
		guest, err := d.guest()
		if err != nil {
			return err
		}
		a, revokeErr := guest.As(p.Key).Logout(ctx)
		if err := writeProfile(d.path, profile{API: p.API}); err != nil {
			return err
		}
		if revokeErr != nil && client.Code(revokeErr) != api.CodeUnauthenticated.Code {
			return unknown(explain(revokeErr), "the exchange has revoked the key, which is forgotten here", "hustings keys list")
		}
		return d.show(a, "You are logged out.\n")
	})
}
