package post_test

import (
	"slices"
	"strings"
	"testing"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/post"
)

func approvedTexts() []channel.KnownTemplate {
	return []channel.KnownTemplate{
		{Name: "aviso", Language: "es", Body: "Otro idioma."},
		{Name: "aviso", Language: "es_CL", Body: "Hola {{1}}: tu curso {{ 2 }} empieza, {{1}}.", Params: 2},
		{Name: "corto", Language: "es_CL", Body: "Hola {{1}}.", Params: 1},
	}
}

// What the person reads is the approved text with what is filled in; nothing that is filled in becomes a place of its own.
func TestTemplate_Reads(t *testing.T) {
	known := approvedTexts()[1]
	for _, tt := range []struct {
		params []string
		want   string
	}{
		{[]string{"Ana", "Excel"}, "Hola Ana: tu curso Excel empieza, Ana."},
		{[]string{" Ana \n María ", "{{1}}"}, "Hola Ana María: tu curso {{1}} empieza, Ana María."},
		{[]string{"Ana", " "}, "Hola Ana: tu curso {{ 2 }} empieza, Ana."},
		{nil, known.Body},
	} {
		if got := (post.Template{Params: tt.params}).Reads(known); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.params, got, tt.want)
		}
	}
	for _, body := range []string{"", "{{", "}}{{x}} {{0}} {{-1}} {{1", "{{3}}"} {
		if got := (post.Template{Params: []string{"a", "b"}}).Reads(channel.KnownTemplate{Body: body}); got != body {
			t.Errorf("%q reads %q", body, got)
		}
	}
}

func TestCheckTemplate(t *testing.T) {
	for _, tt := range []struct {
		name     string
		template post.Template
		want     []string
	}{
		{"filled in", post.Template{Name: "aviso", Language: "es_CL", Params: []string{"Ana", "Excel"}}, nil},
		{"nobody's", post.Template{Name: "otro", Language: "es_CL"}, []string{"template_unknown"}},
		{"in another language", post.Template{Name: "aviso", Language: "es_AR"}, []string{"template_unknown"}},
		{"too little", post.Template{Name: "aviso", Language: "es_CL", Params: []string{"Ana"}}, []string{"template_params"}},
		{"too much", post.Template{Name: "corto", Language: "es_CL", Params: []string{"Ana", "B"}}, []string{"template_params"}},
		{"too long", post.Template{Name: "corto", Language: "es_CL", Params: []string{strings.Repeat("ñ", 1019)}}, []string{"text_too_long"}},
		{"as long as may be", post.Template{Name: "corto", Language: "es_CL", Params: []string{strings.Repeat("ñ", 1018)}}, nil},
		{"none chosen", post.Template{}, nil},
	} {
		var got []string
		for _, f := range post.CheckTemplate(tt.template, approvedTexts()) {
			got = append(got, f.Rule)
			if f.Network != "whatsapp" || f.Level != post.LevelError || f.Message == "" {
				t.Errorf("%s: %+v", tt.name, f)
			}
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}
