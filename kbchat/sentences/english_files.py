"""What is wrong with a file, in English."""

from kbchat.sentences.entry import Sentence, sentence

ENGLISH_FILES: dict[str, Sentence] = {
    "empty_file": sentence("The file is empty.", "Check that it was saved, then upload it again."),
    "unsupported_type": sentence(
        "A file of this kind ({media_type}) cannot be read.",
        "Save it as PDF, DOCX, XLSX, PPTX, CSV, EML, MSG, EPUB, ODT, ODS, ODP, RTF, HTML, Markdown, plain text or PNG.",
        simpler="A file of this kind cannot be read.",
    ),
    "not_as_named": sentence(
        "The file does not look like a {named} file, although its name says so.",
        "Open it in the program that made it, save it again and upload that.",
        simpler="The file is not what its name says.",
    ),
    "older_format": Sentence(
        (
            "Files of the kind {kind} cannot be read here, since LibreOffice is not in use.",
            "A file of this older kind cannot be read here, since LibreOffice is not in use.",
        ),
        (
            "Save it as {save_as} and upload that; or let an administrator install LibreOffice, then try again.",
            "Open it in the program that made it, save it in its newer form and upload that.",
        ),
    ),
    "path_too_many_bytes": sentence(
        "The file's path takes more than {most} bytes; a Chinese character takes three.",
        "Shorten the names of its folders and import it again.",
        simpler="The file's path is too long.",
    ),
    "archive": sentence(
        "The file is an archive of other files.",
        "Unpack it and upload the files in it, or a ZIP of them that holds no other archive.",
    ),
    "source_file_in_lfs": sentence(
        "The file itself is kept by Git LFS; what came is the few lines that say where it is.",
        "Upload the file itself, or watch a folder in which `git lfs pull` has fetched it.",
    ),
    "too_many_files_in_archive": sentence(
        "The archive holds more than {most} files.",
        "Upload it in parts, or unpack it and let an administrator import the folder.",
        simpler="The archive holds too many files.",
    ),
    "same_name": sentence("Another file of the archive has the same name.", "Rename one of them."),
    "packed_otherwise": sentence(
        "The file is packed in a way that is not unpacked here.",
        "Upload it by itself, or pack it anew as a ZIP.",
    ),
    "picture": sentence(
        "The file is a picture, and no text is recognised in pictures here.",
        "Let an administrator install tesseract-ocr and tesseract-ocr-chi-sim on the server, then try again; or run "
        "text recognition (OCR) on it and upload the result.",
    ),
    "page_not_drawn": sentence(
        "The page cannot be shown as a picture on this server.", "Read its text, or download the file."
    ),
    "picture_too_large": sentence(
        "The picture has {megapixels} million points, and at most {most} million are looked at.",
        "Save it smaller, with 300 points an inch, and upload that.",
        simpler="The picture has too many points.",
    ),
    "picture_among_others": sentence(
        "It is a picture, and pictures that come with other files are taken for a part of them.",
        "Upload it by itself if the text in it shall be found.",
    ),
    "password_protected": sentence(
        "The file is protected by a password.", "Save it without a password and upload it again."
    ),
    "scan_without_text": sentence(
        "The PDF holds pictures of its pages ({pages}) and no text, and no text is recognised in pictures here.",
        "Let an administrator install tesseract-ocr and tesseract-ocr-chi-sim on the server, then try again; or run "
        "text recognition (OCR) on it and upload the result.",
        simpler="The PDF holds pictures and no text, and no text is recognised in pictures here.",
    ),
    "no_text_recognised": sentence(
        "The file holds pictures ({pages}), and no text was found in them.",
        "Scan it anew, straight and with 300 points an inch, or upload another form of it.",
        simpler="The file holds pictures, and no text was found in them.",
    ),
    "corrupt": sentence(
        "The file is damaged, or is not what its name says.",
        "Open it in the program that made it, save it anew and upload that.",
    ),
    "encoding_unsure": sentence(
        "It is not clear in which encoding the text was written ({candidates}).",
        "Choose the encoding in the library, or save it as UTF-8 and upload it again.",
        simpler="It is not clear in which encoding the text was written.",
    ),
    "too_large_unpacked": sentence(
        "The file becomes too large when it is unpacked.", "Split it into smaller files."
    ),
    "crashed": sentence(
        "The file could not be read: reading it failed.",
        "Save it anew, or as PDF, and upload that.",
    ),
    "timed_out": sentence(
        "Reading the file took longer than {seconds} seconds.",
        "Split it into smaller files.",
        simpler="Reading the file took too long.",
    ),
    "out_of_memory": sentence("Reading the file takes too much memory.", "Split it into smaller files."),
    "stalled": sentence(
        "Reading the file was not done within {seconds} seconds.",
        "Try again when the server has less to do, or split the file.",
        simpler="Reading the file was not done in time.",
    ),
    "killed": sentence(
        "Reading the file was ended from outside, perhaps because the server ran short of memory.",
        "Try again when the server has less to do.",
    ),
    "cannot_be_opened": sentence(
        "The file cannot be opened ({cause}).",
        "Look whether you may read it and whether its disk is there, then import it again.",
        simpler="The file cannot be opened.",
    ),
    "manifest_unreadable": sentence(
        "The manifest of this export breaks off or was changed (line {line}).",
        "Export again, or take the file manifest.jsonl away: then the files are imported by their names.",
        simpler="The manifest of this export breaks off or was changed.",
    ),
    "is_a_link": sentence("It is a link, and links are not followed.", "Import what it points to by itself."),
    "hidden_file": sentence(
        "A name that begins with a dot hides the file.", "Import it under another name if it is a document."
    ),
    "hidden_folder": sentence(
        "A name that begins with a dot hides the folder and the files in it ({files}).",
        "Import it by itself if it holds documents.",
        simpler="A name that begins with a dot hides the folder.",
    ),
    "machinery": sentence(
        "The folder belongs to a program and not to readers; files in it: {files}.",
        "Import it by itself if it holds documents.",
        simpler="The folder belongs to a program and not to readers.",
    ),
    "not_a_plain_file": sentence("It is not a plain file.", "Save what it holds as a file and import that."),
    "not_a_document": sentence(
        "By its ending (.{suffix}) and its content it is no document.",
        "Upload it by itself, or rename it to end in .txt, if people shall find it.",
        simpler="By its ending and its content it is no document.",
    ),
}
