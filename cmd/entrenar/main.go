// Command entrenar trains the classifier from the mentions written for this project, measures it on voices that no part of it has
// read, and writes the model and its card. The same data give the same bytes.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, out, errs io.Writer) int {
	set := flag.NewFlagSet("entrenar", flag.ContinueOnError)
	set.SetOutput(errs)
	data := set.String("data", "cmd/entrenar/data", "folder of the tables of mentions, by voice")
	model := set.String("model", "shared/classify/modelo.bin", "file of the model")
	card := set.String("card", "docs/es/clasificador.md", "file of its card")
	check := set.Bool("check", false, "write nothing: fail when the files are not what the data give")
	if err := set.Parse(args); err != nil {
		return 2
	}
	made, err := build(*data, out)
	if err == nil {
		if *check {
			err = errors.Join(same(*model, made.model), same(*card, made.card))
		} else {
			err = errors.Join(os.WriteFile(*model, made.model, 0o644), os.WriteFile(*card, made.card, 0o644))
		}
	}
	if err != nil {
		_, _ = fmt.Fprintln(errs, "entrenar:", err)
		return 1
	}
	return 0
}

// same fails when the file is not what was made.
func same(path string, want []byte) error {
	got, err := os.ReadFile(path)
	if err == nil && !bytes.Equal(got, want) {
		err = fmt.Errorf("%s is not what the data give: run make train", path)
	}
	return err
}
