// Command hustings runs an exchange and the tools around it. It holds flags and wiring only.
package main

import (
	"errors"
	"fmt"
	"os"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func main() {
	if err := newRootCommand().Execute(); err != nil {
		var coded exitError
		if errors.As(err, &coded) {
			if coded.error != nil {
				fmt.Fprintln(os.Stderr, "hustings:", coded.error)
			}
			os.Exit(coded.code)
		}
		fmt.Fprintln(os.Stderr, "hustings:", err)
		os.Exit(1)
	}
}

// exitError ends the program with a code of its own. Without an error everything has been said.
type exitError struct {
	error
	code int
}

func (e exitError) Error() string {
	if e.error == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.error.Error()
}

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
		newBenchCommand(), newDriveCommand(), newOpenAPICommand())
	return root
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
