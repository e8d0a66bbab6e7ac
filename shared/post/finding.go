package post

import (
	"slices"

	"sence.gob.cl/gestor/shared/mention"
)

// Level says what a finding means; stored and spoken of by its lower-case name.
type Level string

// The levels.
const (
	LevelError   Level = "error"   // it does not go out like this
	LevelWarning Level = "warning" // a person should look at it
)

// The fields a finding is about.
const (
	FieldText  = "text"
	FieldLink  = "link"
	FieldMedia = "media"
	FieldAt    = "publishAt"
)

// Finding is one thing to correct in what is written, with the sentence its author reads. Network is empty when it holds for
// every one. Start and End count the characters (runes) of the field it is about; End is 0 when it is about all of it.
type Finding struct {
	Rule    string          `json:"rule"`
	Level   Level           `json:"level"`
	Network mention.Network `json:"network,omitempty"`
	Field   string          `json:"field"`
	Start   int             `json:"start"`
	End     int             `json:"end,omitempty"`
	Message string          `json:"message"`
}

// Blocked reports whether one of the findings keeps the text from going out.
func Blocked(findings []Finding) bool {
	return slices.ContainsFunc(findings, func(f Finding) bool { return f.Level == LevelError })
}
