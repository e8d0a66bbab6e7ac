package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

// parameters are what an installation decides: the local system supplies its own values, production sets them at deploy.
// None is a secret (secrets.go has those).
type parameters struct {
	accounts, escalateUndo, doubtHours     awscdk.CfnParameter
	graphURL, siacURL                      awscdk.CfnParameter
	oidcIssuer, oidcAudience, oidcClientID awscdk.CfnParameter
	// noticeRecipients are told by e-mail of what waits for a person, from noticeSender; nobody when it is empty.
	noticeRecipients, noticeSender, consoleURL awscdk.CfnParameter
}

// accountsLength and recipientsLength leave the rest of a function's environment room in the 4 KiB that Lambda gives it.
const (
	accountsLength   = 3072
	recipientsLength = 2048
)

// Patterns that refuse a mistyped value at deploy instead of at the first mention. Tokens travel to these addresses, so
// plain HTTP is for this machine only.
const (
	urlPattern      = `^https://.+|^http://127\.0\.0\.1(:[0-9]+)?(/.*)?$`
	durationPattern = `^([0-9]+(\.[0-9]+)?(h|m|s|ms))+$`
	objectPattern   = `^\s*\{[\s\S]*\}\s*$`
	// A sender is a bare address: a permission is made of it, so it may hold nothing that is wild there. SES takes 50
	// recipients a letter.
	addressPattern   = `^$|^` + address + `$`
	addressesPattern = `^$|^` + address + `(, ?` + address + `){0,49}$`
	address          = `[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+`
)

func newParameters(stack awscdk.Stack) parameters {
	return parameters{
		accounts: parameter(stack, "Accounts", awscdk.CfnParameterProps{
			Description:    jsii.String(`Our own accounts, JSON: {"facebook":["<page id>"],…}; anything else is a foreign event`),
			AllowedPattern: jsii.String(objectPattern),
			MaxLength:      jsii.Number(accountsLength),
		}),
		escalateUndo: parameter(stack, "EscalateUndo", awscdk.CfnParameterProps{
			Description:    jsii.String("How long an escalation may be undone before it is filed in SIAC (Go duration)"),
			Default:        jsii.String("10m"),
			AllowedPattern: jsii.String(durationPattern),
		}),
		doubtHours: parameter(stack, "DoubtHours", awscdk.CfnParameterProps{
			Type:        jsii.String("Number"),
			Description: jsii.String("Business hours a doubtful classification may wait for a person, 1 at least"),
			Default:     jsii.Number(4),
			MinValue:    jsii.Number(1),
		}),
		graphURL: parameter(stack, "GraphUrl", awscdk.CfnParameterProps{
			Description:    jsii.String("Base address of Meta's Graph API, with its final slash"),
			Default:        jsii.String("https://graph.facebook.com/"),
			AllowedPattern: jsii.String(urlPattern),
		}),
		siacURL: parameter(stack, "SiacUrl", awscdk.CfnParameterProps{
			Description:    jsii.String("Base address of SIAC's API"),
			AllowedPattern: jsii.String(urlPattern),
		}),
		oidcIssuer: parameter(stack, "OidcIssuer", awscdk.CfnParameterProps{
			Description:    jsii.String("Issuer of the ejecutivos' tokens, exactly as their iss claim says it"),
			AllowedPattern: jsii.String(urlPattern),
		}),
		oidcAudience: parameter(stack, "OidcAudience", awscdk.CfnParameterProps{
			Description: jsii.String("Audience a token must carry"),
			MinLength:   jsii.Number(1),
		}),
		oidcClientID: parameter(stack, "OidcClientId", awscdk.CfnParameterProps{
			Description: jsii.String("Public client id with which the console asks the issuer for a token"),
			MinLength:   jsii.Number(1),
		}),
		noticeRecipients: parameter(stack, "NoticeRecipients", awscdk.CfnParameterProps{
			Description:    jsii.String("Who is told by e-mail of what waits for a person: addresses with commas between, empty for nobody"),
			Default:        jsii.String(""),
			AllowedPattern: jsii.String(addressesPattern),
			MaxLength:      jsii.Number(recipientsLength),
		}),
		noticeSender: parameter(stack, "NoticeSender", awscdk.CfnParameterProps{
			Description:    jsii.String("Address those e-mails come from; SES must have verified it or its domain in this region"),
			Default:        jsii.String(""),
			AllowedPattern: jsii.String(addressPattern),
		}),
		consoleURL: parameter(stack, "ConsoleUrl", awscdk.CfnParameterProps{
			Description:    jsii.String("Address under which people open the console; links in e-mails begin with it"),
			AllowedPattern: jsii.String(urlPattern),
		}),
	}
}

// newRules refuses at deploy what a pattern cannot see: recipients without a sender would be told nothing, silently.
func newRules(stack awscdk.Stack, p parameters) {
	given := func(of awscdk.CfnParameter) awscdk.ICfnRuleConditionExpression {
		return awscdk.Fn_ConditionNot(awscdk.Fn_ConditionEquals(ref(of), jsii.String("")))
	}
	awscdk.NewCfnRule(stack, jsii.String("NoticesHaveASender"), &awscdk.CfnRuleProps{
		RuleCondition: given(p.noticeRecipients),
		Assertions: &[]*awscdk.CfnRuleAssertion{{
			Assert:            given(p.noticeSender),
			AssertDescription: jsii.String("NoticeRecipients needs NoticeSender"),
		}},
	})
}

func parameter(stack awscdk.Stack, id string, props awscdk.CfnParameterProps) awscdk.CfnParameter {
	if props.Type == nil {
		props.Type = jsii.String("String")
	}
	return awscdk.NewCfnParameter(stack, jsii.String(id), &props)
}

// ref is the parameter as a value of a template; ValueAsString would refuse the one that is a number.
func ref(p awscdk.CfnParameter) *string { return awscdk.Fn_Ref(p.LogicalId()) }
