package media_test

import (
	"archive/zip"
	"bytes"
	"testing"

	"sence.gob.cl/gestor/shared/media"
)

func archive(t *testing.T, names ...string) []byte {
	t.Helper()
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	for _, name := range names {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = w.Write([]byte("<x/>"))
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func film(brand string) []byte {
	return append([]byte{0, 0, 0, 24, 'f', 't', 'y', 'p'}, []byte(brand+"\x00\x00\x02\x00isommp42")...)
}

func TestSniff(t *testing.T) {
	const office = "application/vnd.openxmlformats-officedocument."
	for name, c := range map[string]struct {
		body []byte
		want string // "": not kept
	}{
		"jpeg":                  {jpeg, "image/jpeg"},
		"png":                   {[]byte("\x89PNG\x0D\x0A\x1A\x0A rest"), "image/png"},
		"gif":                   {[]byte("GIF89a rest"), "image/gif"},
		"webp":                  {[]byte("RIFF\x00\x00\x00\x00WEBPVP8 "), "image/webp"},
		"mp4":                   {film("isom"), "video/mp4"},
		"mp4, another brand":    {film("mp42"), "video/mp4"},
		"quicktime":             {film("qt  "), "video/quicktime"},
		"3gp":                   {film("3gp5"), "video/3gpp"},
		"m4a":                   {film("M4A "), "audio/mp4"},
		"a brand nobody knows":  {film("evil"), ""},
		"webm":                  {[]byte("\x1A\x45\xDF\xA3 rest"), "video/webm"},
		"speech":                {[]byte("OggS\x00 rest"), "audio/ogg"},
		"mp3 with a tag":        {[]byte("ID3 rest"), "audio/mpeg"},
		"mp3 without":           {[]byte{0xFF, 0xFB, 0x90, 0x64}, "audio/mpeg"},
		"aac":                   {[]byte{0xFF, 0xF1, 0x50, 0x80}, "audio/aac"},
		"amr":                   {[]byte("#!AMR\n rest"), "audio/amr"},
		"wave":                  {[]byte("RIFF\x00\x00\x00\x00WAVEfmt "), "audio/wave"},
		"pdf":                   {[]byte("%PDF-1.7 rest"), "application/pdf"},
		"a letter":              {archive(t, "[Content_Types].xml", "word/document.xml"), office + "wordprocessingml.document"},
		"a table":               {archive(t, "[Content_Types].xml", "xl/workbook.xml"), office + "spreadsheetml.sheet"},
		"slides":                {archive(t, "[Content_Types].xml", "ppt/presentation.xml"), office + "presentationml.presentation"},
		"a letter that runs":    {archive(t, "[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), ""},
		"an archive":            {archive(t, "a.txt"), ""},
		"a page":                {[]byte("<html>"), ""},
		"a drawing":             {[]byte("<svg xmlns='http://www.w3.org/2000/svg'/>"), ""},
		"a program":             {[]byte("MZ\x90\x00"), ""},
		"text":                  {[]byte("hola"), ""},
		"nothing":               {nil, ""},
		"a page after a few":    {append([]byte("\xFF\xFE"), "<html>"...), ""},
		"an archive of the web": {archive(t, "word/document.xml"), ""},
	} {
		got, kept := media.Sniff(c.body)
		if kept != (c.want != "") || kept && got != c.want {
			t.Errorf("%s: %s, kept %t; want %q", name, got, kept, c.want)
		}
	}
}

func FuzzSniff(f *testing.F) {
	f.Add(jpeg)
	f.Add(film("isom"))
	f.Add([]byte("<html>"))
	f.Fuzz(func(t *testing.T, body []byte) {
		kind, kept := media.Sniff(body)
		if kept && (kind == "text/html" || kind == "image/svg+xml" || kind == "") {
			t.Errorf("%q is kept", kind)
		}
	})
}
