package main

import (
	"github.com/spf13/cobra"

	"github.com/hustings/hustings/api/openapi"
)

// newOpenAPICommand prints the description of the API.
func newOpenAPICommand() *cobra.Command {
	return &cobra.Command{
		Use:   "openapi",
		Short: "Print the description of the HTTP API, as OpenAPI 3.1",
		Long: `Print the description of the HTTP API, as an OpenAPI 3.1 document in JSON.

It is what a running exchange serves at /api/openapi.json. Tools make clients, mocks and tests of it. People may rather read
the pages that an exchange serves at /docs.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			d, err := openapi.New()
			if err != nil {
				return err
			}
			text, err := d.JSON()
			if err != nil {
				return err
			}
			_, err = c.OutOrStdout().Write(text)
			return err
		},
	}
}
