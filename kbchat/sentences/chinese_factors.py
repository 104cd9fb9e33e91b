"""简体中文：双重验证与通行密钥。"""

from kbchat.sentences.entry import Sentence, sentence

CHINESE_FACTORS: dict[str, Sentence] = {
    "second_factor_required": sentence(
        "您需要先设置双重验证，才能使用 kbchat。", "请在“登录安全”中添加身份验证器应用或通行密钥。"
    ),
    "sign_in_ended": sentence("本次登录已超时，或已在另一个窗口中完成。", "请重新输入邮箱和密码。"),
    "wrong_code": sentence("验证码不正确，或已被使用。", "请等待应用显示下一个验证码，或使用恢复码。"),
    "wrong_proof": sentence("密码或验证码不正确。", "请检查后重试。"),
    "proof_needed": sentence(
        "更改前需要再次确认是您本人。", "请输入密码（已设置双重验证时还需验证码），或使用通行密钥。"
    ),
    "passkey_refused": sentence("无法核实此通行密钥。", "请重试，或使用其他方式登录。"),
    "passkey_known": sentence("此通行密钥已经添加过。", "请使用其他设备或密码管理器。"),
    "passkeys_need_a_name": sentence(
        "通过数字 IP 地址访问时无法使用通行密钥。", "请通过域名打开 kbchat，本机可使用 localhost。"
    ),
    "app_known": sentence("您已经添加了身份验证器应用。", "请先移除现有的应用，再添加新的。"),
    "app_offer_ended": sentence("此二维码已过期。", "请重新开始，使用新的二维码。"),
    "factor_missing": sentence("您还没有设置双重验证。", "请先添加身份验证器应用或通行密钥。"),
    "factors_need_password": sentence("您使用公司统一登录，双重验证由其负责。", "请在公司登录系统中更改。"),
}
