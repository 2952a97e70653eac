#include "src/mail/wording.hpp"

#include "src/mail/display.hpp"

namespace sip2mail {
namespace {

std::string as_it_is(const std::string& number) {
  return number;
}

}  // namespace

const Wording& english() {
  static constexpr Wording words{
      .language = "en",
      .voicemail_subject = "Voicemail from {who}, {length}",
      .text_subject = "Message from {who}",
      .missed_subject = "Missed call from {who}",
      .transcript_subject = "Transcript of the voicemail from {who}",
      .alert_subject = "sip2mail: {what}",
      .test_subject = "Test mail from sip2mail",
      .voicemail_title = "Voicemail, {length}",
      .text_title = "Message",
      .missed_title = "Missed call",
      .transcript_title = "Transcript",
      .alert_title = "Alert",
      .test_title = "Test mail",
      .who = "{name} ({number})",
      .name = "{name}",
      .withheld = "Withheld number",
      .payphone = "Payphone",
      .unknown_caller = "Unknown caller",
      .number_form = as_it_is,
      .of_call = {.from = "From", .number = "Number", .mailbox = "For", .callee = "Called", .when = "When"},
      .of_text = {.from = "From", .number = "Number", .mailbox = "For", .callee = "Called", .when = "When"},
      .when = "When",
      .length = "Length",
      .reason = "Why",
      .label = "{label}: {value}",
      .named_mailbox = "{name} ({mailbox})",
      .moment = "{weekday}, %-d %B %Y, %H:%M",
      .moment_in_zone = "{moment} {zone}",
      .weekdays = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"},
      .busy = "The line was busy",
      .no_answer = "Nobody answered",
      .unconditional = "All calls are forwarded",
      .unavailable = "The phone could not be reached",
      .interrupted = "The recording was cut short because the system was restarted; what was recorded is attached.",
      .interrupted_only = "The recording was cut short because the system was restarted.",
      .no_speech = "No speech was heard in the recording.",
      .poor_audio = "The connection was poor; parts of the recording may be missing.",
      .unverified = "The sender is not verified: anybody can write any number or name there.",
      .late = "This mail could not be sent earlier. It is about {when}.",
      .smaller =
          "The mail server did not take the whole recording because of its size; the one attached has a lower "
          "quality. The original can be had on the gateway with:\n{command}",
      .without_audio =
          "The recording is not attached because it is too large for the mail server. It can be had on the gateway "
          "with:\n{command}",
      .no_recording = "The recording could not be attached. It can be looked for on the gateway with:\n{command}",
      .instead = "This mail could not be delivered to {address}. The mail server said:\n{reply}",
      .empty_text = "(empty message)",
      .in_attachment = "(the message is in the attachment)",
      .footer = "sip2mail {id}",
      .alerts =
          {.relay_down = "Mail server {relay} takes no mail\n\n"
                         "No mail could be sent by {url} since {when}.\n{words}\n\n"
                         "Nothing is lost: mail waits, and is sent when the server is back.",
           .relay_refuses =
               "Mail server {relay} refuses our mail\n\n"
               "{url} said:\n{words}\n\n"
               "This does not mend itself: see the account, its password or token, mail.from, and the certificate. "
               "Nothing is lost: mail waits, and is tried again every 15 minutes.",
           .relay_back = "Mail server {relay} is back\n\n"
                         "It had failed since {when}. What waited is being sent now.",
           .failed = "Not delivered: {count}\n\n"
                     "The mail server refused these for good. They are kept.\n\n{list}\n"
                     "To somebody else: sip2mail queue retry --to ADDRESS ID\n"
                     "More about one: sip2mail queue show ID",
           .disk_low =
               "The disk is nearly full\n\n"
               "On the disk of {directory} less than queue.min-free is left. Calls and texts are refused with 503 "
               "until there is room again.",
           .disk_back = "There is room on the disk again\n\n"
                        "Calls and texts are taken again. They were refused since {when}."},
  };
  return words;
}

const Wording& japanese() {
  static constexpr Wording words{
      .language = "ja",
      .voicemail_subject = "【留守電】{who}({length})",
      .text_subject = "【メッセージ】{who}",
      .missed_subject = "【不在着信】{who}",
      .transcript_subject = "【文字起こし】{who}",
      .alert_subject = "【sip2mail】{what}",
      .test_subject = "【sip2mail】テストメール",
      .voicemail_title = "留守番電話 {length}",
      .text_title = "メッセージ",
      .missed_title = "不在着信",
      .transcript_title = "文字起こし",
      .alert_title = "システムからのお知らせ",
      .test_title = "テストメール",
      .who = "{name} 様 {number}",
      .name = "{name} 様",
      .withheld = "非通知",
      .payphone = "公衆電話",
      .unknown_caller = "表示圏外",
      .number_form = japanese_number,
      .of_call =
          {.from = "発信者", .number = "電話番号", .mailbox = "着信先", .callee = "着信番号", .when = "着信日時"},
      .of_text = {.from = "送信者", .number = "電話番号", .mailbox = "宛先", .callee = "宛先番号", .when = "受信日時"},
      .when = "日時",
      .length = "録音時間",
      .reason = "転送理由",
      .label = "{label}:{value}",
      .named_mailbox = "{name}({mailbox})",
      .moment = "%Y年%-m月%-d日({weekday}) %-H:%M",
      .moment_in_zone = "{moment} ({zone})",
      .weekdays = {"月", "火", "水", "木", "金", "土", "日"},
      .busy = "話し中でした",
      .no_answer = "応答がありませんでした",
      .unconditional = "すべての着信を転送する設定です",
      .unavailable = "電話機に接続できませんでした",
      .interrupted = "システムが再起動したため、録音が途中で終わっています。録音できたところまでを添付しております。",
      .interrupted_only = "システムが再起動したため、録音が途中で終わっています。",
      .no_speech = "録音から話し声は検出されませんでした。",
      .poor_audio = "通信状態が悪かったため、録音の一部が欠けている可能性があります。",
      .unverified = "送信者の確認は取れていません。番号や名前は誰でも自由に名乗ることができますので、ご注意ください。",
      .late = "このメールは、すぐに送信することができませんでした。{when} に受け付けたものです。",
      .smaller =
          "録音がメールサーバーの容量制限を超えたため、音質を下げて添付しております。元の録音は、ゲートウェイで"
          "次のコマンドを実行すると取り出せます。\n{command}",
      .without_audio =
          "録音がメールサーバーの容量制限を超えたため、添付しておりません。録音は、ゲートウェイで"
          "次のコマンドを実行すると取り出せます。\n{command}",
      .no_recording =
          "録音を添付することができませんでした。録音の有無は、ゲートウェイで次のコマンドを実行すると確認できます。\n"
          "{command}",
      .instead = "このメールは {address} 宛に配信できませんでした。メールサーバーの応答:\n{reply}",
      .empty_text = "(本文はありません)",
      .in_attachment = "(本文は添付ファイルをご覧ください)",
      .footer = "sip2mail {id}",
      .alerts =
          {.relay_down = "メールサーバー {relay} がメールを受け付けません\n\n"
                         "{when} から {url} でメールを送信できません。\n{words}\n\n"
                         "メールは失われません。サーバーが復旧すると自動的に送信されます。",
           .relay_refuses =
               "メールサーバー {relay} に送信を拒否されました\n\n"
               "{url} の応答:\n{words}\n\n"
               "自動では復旧しません。アカウント、パスワードまたはトークン、mail.from、証明書をご確認ください。"
               "メールは失われません。15 分ごとに再送を試みます。",
           .relay_back = "メールサーバー {relay} が復旧しました\n\n"
                         "{when} からの障害が解消しました。保留していたメールを送信しています。",
           .failed = "配信できなかったメール:{count} 件\n\n"
                     "メールサーバーに拒否されました。内容は保管されています。\n\n{list}\n"
                     "別の宛先に送る: sip2mail queue retry --to ADDRESS ID\n"
                     "詳細を見る: sip2mail queue show ID",
           .disk_low =
               "ディスクの空き容量が不足しています\n\n"
               "{directory} の空き容量が queue.min-free を下回りました。空きができるまで、通話とメッセージは 503 で"
               "お断りします。",
           .disk_back = "ディスクの空き容量が回復しました\n\n"
                        "通話とメッセージの受付を再開しました。{when} から受付を停止していました。"},
  };
  return words;
}

std::vector<std::string> languages() {
  return {std::string{english().language}, std::string{japanese().language}};
}

const Wording& wording_in(std::string_view language) {
  return language == japanese().language ? japanese() : english();
}

std::string fill(std::string_view phrase, std::initializer_list<std::pair<std::string_view, std::string_view>> values) {
  std::string out;
  while (!phrase.empty()) {
    const std::size_t open = phrase.find('{');
    const std::size_t close = open == std::string_view::npos ? open : phrase.find('}', open);
    if (close == std::string_view::npos) break;
    out += phrase.substr(0, open);
    const std::string_view place = phrase.substr(open + 1, close - open - 1);
    bool known = false;
    for (const auto& [name, value] : values) {
      if (name != place) continue;
      out += value;
      known = true;
    }
    if (!known) out += phrase.substr(open, close + 1 - open);
    phrase.remove_prefix(close + 1);
  }
  return out += phrase;
}

}  // namespace sip2mail
