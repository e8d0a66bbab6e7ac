package main

import (
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

// parameters are what an installation decides: the local system supplies its own values, production sets them at deploy.
// None is a secret (secrets.go has those).
type parameters struct {
	accounts, escalateUndo, doubtHours   awscdk.CfnParameter
	graphURL, xURL, linkedInURL, siacURL awscdk.CfnParameter
	// Where people say yes when an account is connected; mediaURL is empty but for the local system.
	metaLoginURL, xLoginURL, linkedInLoginURL, mediaURL awscdk.CfnParameter
	// xDailyUSD is what a day of X may cost; humanAgent whether Meta gave us its longer window.
	xDailyUSD, humanAgent awscdk.CfnParameter
	// oidcIssuer is empty where the stack's own user pool vouches for people; the other three belong to it.
	oidcIssuer, oidcAudience, oidcClientID, oidcDomain awscdk.CfnParameter
	// adminEmail is the first person of that pool.
	adminEmail awscdk.CfnParameter
	// alarmEmail is who operates; budget is what a month may cost.
	alarmEmail, budget, logDays awscdk.CfnParameter
	// noticeRecipients are told by e-mail of what waits for a person, from noticeSender; nobody when it is empty.
	noticeRecipients, noticeSender, quietHours, consoleURL awscdk.CfnParameter
}

// accountsLength and recipientsLength leave the rest of a function's environment room in the 4 KiB that Lambda gives it.
const (
	accountsLength   = 3072
	recipientsLength = 2048
)

const (
	logDays = 90
	// monthlyBudget is some three times what the design's load should cost (two million mentions a year).
	monthlyBudget = 60
	// xDailyUSD pays some 300 answers a day, or a thousand delivered mentions (package channel has the prices).
	xDailyUSD = 5
)

// Patterns that refuse a mistyped value at deploy instead of at the first mention. Tokens travel to these addresses, so
// plain HTTP is for this machine only.
const (
	urlPattern      = `^https://.+|^http://127\.0\.0\.1(:[0-9]+)?(/.*)?$`
	hoursPattern    = `^$|^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$`
	durationPattern = `^([0-9]+(\.[0-9]+)?(h|m|s|ms))+$`
	objectPattern   = `^\s*\{[\s\S]*\}\s*$`
	// What a URL is compared with, letter by letter, must have no slash at its end.
	nearPattern   = `^$|^http://(127\.0\.0\.1|10(\.[0-9]+){3}|172\.(1[6-9]|2[0-9]|3[01])(\.[0-9]+){2}|192\.168(\.[0-9]+){2})(:[0-9]+)?/?$`
	originPattern = `^$|^https://[^/]+$|^http://127\.0\.0\.1(:[0-9]+)?$`
	// A sender is a bare address: a permission is made of it, so it may hold nothing that is wild there. SES takes 50
	// recipients a letter.
	addressPattern   = `^$|^` + address + `$`
	onePattern       = `^` + address + `$`
	addressesPattern = `^$|^` + address + `(, ?` + address + `){0,49}$`
	address          = `[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+`
)

func newParameters(stack awscdk.Stack) parameters {
	p := parameters{
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
		xURL: parameter(stack, "XUrl", awscdk.CfnParameterProps{
			Description:    jsii.String("Base address of X's API, with its final slash"),
			Default:        jsii.String("https://api.x.com/"),
			AllowedPattern: jsii.String(urlPattern),
		}),
		linkedInURL: parameter(stack, "LinkedInUrl", awscdk.CfnParameterProps{
			Description:    jsii.String("Base address of LinkedIn's API, with its final slash"),
			Default:        jsii.String("https://api.linkedin.com/"),
			AllowedPattern: jsii.String(urlPattern),
		}),
		siacURL: parameter(stack, "SiacUrl", awscdk.CfnParameterProps{
			Description:    jsii.String("Base address of SIAC's API"),
			AllowedPattern: jsii.String(urlPattern),
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
		quietHours: parameter(stack, "QuietHours", awscdk.CfnParameterProps{
			Description:    jsii.String("Hours in Chile in which those e-mails wait for the morning, such as 22:00-07:00; empty for none"),
			Default:        jsii.String(""),
			AllowedPattern: jsii.String(hoursPattern),
		}),
		consoleURL: parameter(stack, "ConsoleUrl", awscdk.CfnParameterProps{
			Description:    jsii.String("Address under which people open the console, without final slash; empty for the API's own"),
			Default:        jsii.String(""),
			AllowedPattern: jsii.String(originPattern),
		}),
	}
	p.signIn(stack)
	p.operation(stack)
	p.connecting(stack)
	return p
}

// connecting are where people connect our accounts, and what these may do and spend.
func (p *parameters) connecting(stack awscdk.Stack) {
	address := func(id, whose, standard string) awscdk.CfnParameter {
		return parameter(stack, id, awscdk.CfnParameterProps{
			Description:    jsii.String("Base address of " + whose + ", with its final slash"),
			Default:        jsii.String(standard),
			AllowedPattern: jsii.String(urlPattern),
		})
	}
	p.metaLoginURL = address("MetaLoginUrl", "the page where people let us act as a page of Facebook", "https://www.facebook.com/")
	p.xLoginURL = address("XLoginUrl", "the page where people let us act as an account of X", "https://x.com/")
	p.linkedInLoginURL = address("LinkedInLoginUrl", "LinkedIn's sign-in, which also renews keys", "https://www.linkedin.com/")
	p.mediaURL = parameter(stack, "MediaUrl", awscdk.CfnParameterProps{
		Description:    jsii.String("One server on this machine that stands in for the networks' hosts of media; empty in the cloud"),
		Default:        jsii.String(""),
		AllowedPattern: jsii.String(nearPattern),
	})
	p.xDailyUSD = parameter(stack, "XDailyUsd", awscdk.CfnParameterProps{
		Type:        jsii.String("Number"),
		Description: jsii.String("US dollars a day of each account of X may cost before nothing more is bought; 0 for no limit"),
		Default:     jsii.Number(xDailyUSD),
		MinValue:    jsii.Number(0),
	})
	p.humanAgent = parameter(stack, "HumanAgent", awscdk.CfnParameterProps{
		Description:   jsii.String("Whether Meta approved its human_agent feature: answers typed by people between 24 hours and 7 days"),
		Default:       jsii.String("no"),
		AllowedValues: jsii.Strings("no", "yes"),
	})
}

// signIn are who vouches for the people of the desk.
func (p *parameters) signIn(stack awscdk.Stack) {
	p.oidcIssuer = parameter(stack, "OidcIssuer", awscdk.CfnParameterProps{
		Description:    jsii.String("Another issuer of the ejecutivos' tokens, exactly as their iss claim says it; empty for a user pool of this stack"),
		Default:        jsii.String(""),
		AllowedPattern: jsii.String("^$|" + urlPattern),
	})
	p.oidcAudience = parameter(stack, "OidcAudience", awscdk.CfnParameterProps{
		Description: jsii.String("Audience a token of that issuer must carry"),
		Default:     jsii.String(""),
	})
	p.oidcClientID = parameter(stack, "OidcClientId", awscdk.CfnParameterProps{
		Description: jsii.String("Public client id with which the console asks that issuer for a token"),
		Default:     jsii.String(""),
	})
	p.oidcDomain = parameter(stack, "OidcDomain", awscdk.CfnParameterProps{
		Description:    jsii.String("Origin of that issuer's token endpoint, where it is not the issuer's own"),
		Default:        jsii.String(""),
		AllowedPattern: jsii.String(originPattern),
	})
	p.adminEmail = parameter(stack, "AdminEmail", awscdk.CfnParameterProps{
		Description:    jsii.String("First person of the user pool, invited as ti_admin"),
		Default:        jsii.String(""),
		AllowedPattern: jsii.String(addressPattern),
	})
}

// operation are who hears of what goes wrong, what may be spent, and how long logs stay.
func (p *parameters) operation(stack awscdk.Stack) {
	p.alarmEmail = parameter(stack, "AlarmEmail", awscdk.CfnParameterProps{
		Description:    jsii.String("Who operates the system: gets every alarm and the warnings of the budget (must confirm the subscription)"),
		AllowedPattern: jsii.String(onePattern),
	})
	p.budget = parameter(stack, "MonthlyBudget", awscdk.CfnParameterProps{
		Type:        jsii.String("Number"),
		Description: jsii.String("US dollars a month of the whole account may cost before AlarmEmail is warned"),
		Default:     jsii.Number(monthlyBudget),
		MinValue:    jsii.Number(1),
	})
	p.logDays = parameter(stack, "LogRetentionDays", awscdk.CfnParameterProps{
		Type:          jsii.String("Number"),
		Description:   jsii.String("Days logs are kept"),
		Default:       jsii.String(strconv.Itoa(logDays)), // as the allowed values, which are text
		AllowedValues: jsii.Strings("30", "60", "90", "120", "150", "180", "365", "400"),
	})
}

// newRules refuses at deploy what a pattern cannot see: recipients without a sender would be told nothing, a user pool
// without a first person could not be entered, half an issuer would let nobody in.
func newRules(stack awscdk.Stack, p parameters) {
	given := func(of awscdk.CfnParameter) awscdk.ICfnRuleConditionExpression {
		return awscdk.Fn_ConditionNot(awscdk.Fn_ConditionEquals(ref(of), jsii.String("")))
	}
	rule := func(id, says string, when awscdk.ICfnConditionExpression, wants ...awscdk.CfnParameter) {
		assertions := make([]*awscdk.CfnRuleAssertion, 0, len(wants))
		for _, want := range wants {
			assertions = append(assertions, &awscdk.CfnRuleAssertion{Assert: given(want), AssertDescription: jsii.String(says)})
		}
		awscdk.NewCfnRule(stack, jsii.String(id), &awscdk.CfnRuleProps{RuleCondition: when, Assertions: &assertions})
	}
	rule("NoticesHaveASender", "NoticeRecipients needs NoticeSender", given(p.noticeRecipients), p.noticeSender)
	rule("UserPoolHasAnAdministrator", "Without OidcIssuer the stack makes a user pool, which needs AdminEmail",
		awscdk.Fn_ConditionEquals(ref(p.oidcIssuer), jsii.String("")), p.adminEmail)
	rule("IssuerIsWhole", "OidcIssuer needs OidcAudience and OidcClientId", given(p.oidcIssuer), p.oidcAudience, p.oidcClientID)
}

func parameter(stack awscdk.Stack, id string, props awscdk.CfnParameterProps) awscdk.CfnParameter {
	if props.Type == nil {
		props.Type = jsii.String("String")
	}
	return awscdk.NewCfnParameter(stack, jsii.String(id), &props)
}

// ref is the parameter as a value of a template; ValueAsString would refuse the one that is a number.
func ref(p awscdk.CfnParameter) *string { return awscdk.Fn_Ref(p.LogicalId()) }
