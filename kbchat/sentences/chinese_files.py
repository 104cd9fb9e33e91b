"""What is wrong with a file, in Chinese."""

from kbchat.sentences.entry import Sentence, sentence

CHINESE_FILES: dict[str, Sentence] = {
    "empty_file": sentence("文件是空的。", "请确认已保存，然后重新上传。"),
    "unsupported_type": sentence(
        "无法读取此类文件（{media_type}）。",
        "请另存为 PDF、DOCX、XLSX、PPTX、CSV、EML、MSG、EPUB、ODT、ODS、ODP、RTF、HTML、Markdown、纯文本或 PNG。",
        simpler="无法读取此类文件。",
    ),
    "not_as_named": sentence(
        "文件名表明这是 {named} 文件，但内容并非如此。",
        "请用原来的程序打开并重新保存，然后上传。",
        simpler="文件内容与文件名不符。",
    ),
    "older_format": Sentence(
        (
            "此处未使用 LibreOffice，无法读取 {kind} 文件。",
            "此处未使用 LibreOffice，无法读取这种旧格式的文件。",
        ),
        (
            "请用原来的程序打开，另存为 {save_as} 后上传；或请管理员安装 LibreOffice 后重试。",
            "请用原来的程序打开，另存为较新的格式后上传。",
        ),
    ),
    "path_too_many_bytes": sentence(
        "文件路径超过 {most} 个字节，一个汉字占三个字节。",
        "请缩短文件夹名称，然后重新导入。",
        simpler="文件路径过长。",
    ),
    "archive": sentence(
        "文件是压缩包。", "请解压后上传其中的文件，或将这些文件打包为不含其他压缩包的 ZIP 上传。"
    ),
    "source_file_in_lfs": sentence(
        "文件本身由 Git LFS 保存，这里只有指明其位置的几行文字。",
        "请上传文件本身，或监视一个已用 `git lfs pull` 取回文件的文件夹。",
    ),
    "too_many_files_in_archive": sentence(
        "压缩包中的文件超过 {most} 个。",
        "请分批上传，或解压后由管理员导入文件夹。",
        simpler="压缩包中的文件过多。",
    ),
    "same_name": sentence("压缩包中有另一个同名文件。", "请为其中一个改名。"),
    "packed_otherwise": sentence("此文件的压缩方式不受支持。", "请单独上传，或重新打包为 ZIP。"),
    "picture": sentence(
        "文件是图片，而此处没有安装文字识别（OCR）。",
        "请管理员在服务器上安装 tesseract-ocr 和 tesseract-ocr-chi-sim 后重试；或先做文字识别，再上传结果。",
    ),
    "page_not_drawn": sentence("此服务器无法以图片显示该页。", "请阅读其文字，或下载文件。"),
    "picture_too_large": sentence(
        "图片有 {megapixels} 百万像素，最多处理 {most} 百万像素。",
        "请以每英寸 300 点另存为较小的图片后上传。",
        simpler="图片像素过多。",
    ),
    "picture_among_others": sentence(
        "这是图片；与其他文件一起传入的图片视为那些文件的一部分。", "如果需要搜索图片中的文字，请单独上传。"
    ),
    "password_protected": sentence("文件有密码保护。", "请去掉密码后另存并重新上传。"),
    "scan_without_text": sentence(
        "此 PDF 的 {pages} 页都是图片，没有文字，而此处没有安装文字识别（OCR）。",
        "请管理员在服务器上安装 tesseract-ocr 和 tesseract-ocr-chi-sim 后重试；或先做文字识别，再上传结果。",
        simpler="此 PDF 只有图片，没有文字，而此处没有安装文字识别（OCR）。",
    ),
    "no_text_recognised": sentence(
        "文件中有 {pages} 页图片，没有识别出文字。",
        "请摆正后以每英寸 300 点重新扫描，或上传其他形式的文件。",
        simpler="文件中的图片没有识别出文字。",
    ),
    "corrupt": sentence("文件已损坏，或与其扩展名不符。", "请用原来的程序打开并重新保存，然后上传。"),
    "encoding_unsure": sentence(
        "无法确定文本的编码（{candidates}）。",
        "请在文档库中选择编码，或另存为 UTF-8 后重新上传。",
        simpler="无法确定文本的编码。",
    ),
    "too_large_unpacked": sentence("文件解压后过大。", "请拆分为较小的文件。"),
    "crashed": sentence("读取文件失败。", "请重新保存，或另存为 PDF 后上传。"),
    "timed_out": sentence(
        "读取文件超过了 {seconds} 秒。", "请拆分为较小的文件。", simpler="读取文件耗时过长。"
    ),
    "out_of_memory": sentence("读取文件所需内存过多。", "请拆分为较小的文件。"),
    "stalled": sentence(
        "未能在 {seconds} 秒内读完文件。",
        "请在服务器较空闲时重试，或拆分文件。",
        simpler="未能按时读完文件。",
    ),
    "killed": sentence("读取文件被外部中止，可能是服务器内存不足。", "请在服务器较空闲时重试。"),
    "cannot_be_opened": sentence(
        "无法打开文件（{cause}）。",
        "请确认您有读取权限、所在磁盘可用，然后重新导入。",
        simpler="无法打开文件。",
    ),
    "manifest_unreadable": sentence(
        "该导出的清单不完整，或被改动过（第 {line} 行）。",
        "请重新导出，或移走 manifest.jsonl：这样会按文件名导入。",
        simpler="该导出的清单不完整，或被改动过。",
    ),
    "is_a_link": sentence("这是一个链接，不会跟随链接。", "请单独导入它指向的内容。"),
    "hidden_file": sentence("文件名以点开头，属于隐藏文件。", "如果是文档，请改名后导入。"),
    "hidden_folder": sentence(
        "文件夹名以点开头，属于隐藏文件夹（其中有 {files} 个文件）。",
        "如果其中有文档，请单独导入该文件夹。",
        simpler="文件夹名以点开头，属于隐藏文件夹。",
    ),
    "machinery": sentence(
        "此文件夹供程序使用，不是供人阅读的（其中有 {files} 个文件）。",
        "如果其中有文档，请单独导入该文件夹。",
        simpler="此文件夹供程序使用，不是供人阅读的。",
    ),
    "not_a_plain_file": sentence("这不是普通文件。", "请将其内容另存为文件后导入。"),
    "not_a_document": sentence(
        "从扩展名（.{suffix}）和内容看，这不是文档。",
        "如果需要让人搜索到，请单独上传，或将扩展名改为 .txt。",
        simpler="从扩展名和内容看，这不是文档。",
    ),
}
