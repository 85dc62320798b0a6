// Generates a provider's Node.js SDK from its schema with Pulumi's own code generator.
//
// usage: generate-sdk FOLDER < schema.json
//
// FOLDER must not exist or be empty; the generated files are written into it.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/pulumi/pulumi/pkg/v3/codegen/nodejs"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

func main() {
	if len(os.Args) != 2 {
		stop(fmt.Errorf("usage: generate-sdk FOLDER < schema.json"))
	}
	if err := generate(os.Args[1]); err != nil {
		stop(err)
	}
}

func generate(folder string) error {
	var spec schema.PackageSpec
	if err := json.NewDecoder(os.Stdin).Decode(&spec); err != nil {
		return fmt.Errorf("the schema is not JSON: %w", err)
	}
	languages := map[string]schema.Language{"nodejs": nodejs.Importer}
	pkg, err := schema.ImportSpec(spec, languages, schema.NewNullLoader(), schema.ValidationOptions{})
	if err != nil {
		return fmt.Errorf("the schema is not valid: %w", err)
	}
	files, err := nodejs.GeneratePackage("Pulumi's code generator", pkg, nil, nil, false, nil)
	if err != nil {
		return fmt.Errorf("the SDK cannot be generated: %w", err)
	}
	for name, content := range files {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func stop(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
