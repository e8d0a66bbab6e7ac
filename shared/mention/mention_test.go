package mention_test

import (
	"slices"
	"testing"

	"sence.gob.cl/gestor/shared/mention"
)

// Ids are what a person is looked up by: a name that was chosen, and that another may choose later, is none.
func TestAuthor_IDs(t *testing.T) {
	for _, tt := range []struct {
		author mention.Author
		want   []string
	}{
		{mention.Author{}, nil},
		{mention.Author{Aliases: []string{"@ficticia"}}, nil},
		{mention.Author{ID: "1"}, []string{"1"}},
		{mention.Author{ID: "CL.1", Aliases: []string{"@persona.uno", "56900000001", "CL.1", "", "56900000001", "CL.ENT.1"}}, []string{"CL.1", "56900000001", "CL.ENT.1"}},
		{mention.Author{Aliases: []string{"2"}}, []string{"2"}},
	} {
		if got := tt.author.IDs(); !slices.Equal(got, tt.want) {
			t.Errorf("%+v: %q, want %q", tt.author, got, tt.want)
		}
	}
}
