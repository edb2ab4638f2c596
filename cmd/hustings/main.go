// Command hustings runs an exchange and the tools around it. It holds flags and wiring only.
package main

import (
	"errors"
	"fmt"
	"os"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/hustings/hustings/desk"
)

func main() {
	if err := newRootCommand().Execute(); err != nil {
		if text := err.Error(); text != "" {
			fmt.Fprintln(os.Stderr, "hustings:", text)
		}
		code := 1
		if coded := (interface{ ExitCode() int })(nil); errors.As(err, &coded) {
			code = coded.ExitCode()
		}
		os.Exit(code)
	}
}

// exitError ends the program with a code of its own. Without an error everything has been said.
type exitError struct {
	error
	code int
}

func (e exitError) Error() string {
	if e.error == nil {
		return ""
	}
	return e.error.Error()
}

// ExitCode is what the program ends with.
func (e exitError) ExitCode() int { return e.code }

func newRootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "hustings",
		Short:         "A prediction-market exchange that holds on election night",
		Version:       version(),
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(newRunCommand(), newServeCommand(), newClusterCommand(), newShardCommand(), newExchangeCommand(), newTopCommand(), newFindingsCommand(),
		newVerifyCommand(), newReplayCommand(), newAtCommand(),
		newBenchCommand(), newDriveCommand(), newOpenAPICommand(), newDemoCommand())
	addDesk(root)
	return root
}

// addDesk adds the commands of a trader, and tells them in the help from those of an operator.
func addDesk(root *cobra.Command) {
	const operating = "operating"
	for _, c := range root.Commands() {
		c.GroupID = operating
	}
	root.AddGroup(&cobra.Group{ID: desk.GroupID, Title: "To trade:"}, &cobra.Group{ID: operating, Title: "To run and examine an exchange:"})
	root.AddCommand(desk.Commands()...)
}

// knownRules, if it is set when the program is linked, is the greatest version of the rules that it owns up to: an upgrade
// is rehearsed with a program that plays an older one.
var knownRules string

// version is the module's version, or the commit that the program was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value[:min(12, len(s.Value))]
		}
	}
	return "devel"
}
