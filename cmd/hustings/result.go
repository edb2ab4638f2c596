package main

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"
)

// printResult prints what a person reads and, if that was asked for, the object as JSON in the last line.
func printResult(c *cobra.Command, text string, object any, asJSON bool) error {
	if asJSON {
		line, err := json.Marshal(object)
		if err != nil {
			return fmt.Errorf("writing the result as JSON: %w", err)
		}
		text += string(line) + "\n"
	}
	if _, err := fmt.Fprint(c.OutOrStdout(), text); err != nil {
		return fmt.Errorf("writing the result: %w", err)
	}
	return nil
}
